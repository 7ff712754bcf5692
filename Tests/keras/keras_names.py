"""Keras's names, written down so that the tests are counted where Keras is missing."""

ACTIVATIONS = """
celu elu exponential gelu glu hard_shrink hard_sigmoid hard_silu hard_swish hard_tanh leaky_relu
linear log_sigmoid log_softmax mish relu relu6 selu sigmoid silu soft_shrink softmax softplus
softsign sparse_plus sparse_sigmoid sparsemax squareplus swish tanh tanh_shrink
""".split()

INITIALIZERS = """
zeros ones identity random_normal random_uniform truncated_normal variance_scaling
glorot_normal glorot_uniform he_normal he_uniform lecun_normal lecun_uniform orthogonal
""".split()
