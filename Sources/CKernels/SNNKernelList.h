/* Every kernel, once. A line here and a function in the kernel sources make a kernel. */

/* Here and not around the #include: the pragma does not reach into included files. */
#pragma clang assume_nonnull begin

/* ---- Matrix product, see snnk_product. The order of summation of each element of a b (a
 * contract): p runs upward with one multiply-add each from +0 within a chunk; there are
 * min(16, ceil(k / 1024)) chunks of equal length, rounded up to a multiple of 16 (the last is
 * shorter), but where neither k nor n is above 16, chunks of 4 (the last may be shorter); the
 * chunks' sums are added pairwise, neighbours first, level by level, an odd one passing up
 * unchanged. k = 0 gives 0. Then bias is added, then addend, then comes the rectifier. */
SNNK_FUNCTION(void, matrix_product, (const snnk_product *product))
/* b [k, n] for the product's bPanels: sixteen columns rounded up times k floats, laid out as the
 * instruction set likes them. */
SNNK_FUNCTION(void, pack_panels, (int64_t k, int64_t n, const float *b, int64_t bRowStride,
                                  int64_t bColumnStride, float *panels))

/* ---- Convolution. */
/* Row i of patches [count, kernel places * taken] is what the window covers of x at place first + i,
 * kernel places row-major, the channels innermost. */
SNNK_FUNCTION(void, gather_patches, (const snnk_window *window, const float *x, float *patches,
                                     int64_t first, int64_t count))
/* The reverse: adds the rows of patches to what the window covers of x, upward from place `first`. */
SNNK_FUNCTION(void, scatter_patches, (const snnk_window *window, const float *patches, float *x,
                                      int64_t first, int64_t count))
/* A convolution that mixes no channels, at places first ..< first + count of a sample: y = rectifier(
 * sum of x * kernel + bias + addend), the taps one after the other, those outside of x left out. `taken` of
 * `channels` take part; kernel is [taps, channels]. */
SNNK_FUNCTION(void, depthwise, (const snnk_window *window, const float *x, const float *kernel,
                                float *y, int64_t first, int64_t count, const float *_Nullable bias,
                                const float *_Nullable addend, const snnk_rectifier *_Nullable rectifier))
/* Adds to dx and to dKernel, those that are asked for, what dy makes of a whole sample, place by
 * place. */
SNNK_FUNCTION(void, depthwise_gradients, (const snnk_window *window, const float *_Nullable x,
                                          const float *_Nullable kernel, const float *dy,
                                          float *_Nullable dx, float *_Nullable dKernel))
/* Winograd's minimal filtering F(4x4, 3x3) (Lavin and Gray 2016) on tiles first ..< first + count;
 * frequency 6 i + j has row i and column j. v = B^T x B for each tile of x and channel; zeros lie
 * around x. */
SNNK_FUNCTION(void, winograd_input, (const snnk_tiles *tiles, const float *x, float *v,
                                     int64_t first, int64_t count))
/* y = rectifier(A^T m A + bias + addend) on the places of the tiles that the image has; addend lies
 * as y does. */
SNNK_FUNCTION(void, winograd_output, (const snnk_tiles *tiles, const float *m, float *y,
                                      int64_t first, int64_t count, const float *_Nullable bias,
                                      const float *_Nullable addend,
                                      const snnk_rectifier *_Nullable rectifier))
/* v = A dy A^T, the reverse of the latter. */
SNNK_FUNCTION(void, winograd_output_gradient, (const snnk_tiles *tiles, const float *dy, float *v,
                                               int64_t first, int64_t count))
/* u = G g G^T for `count` numbers of each of nine taps, which lie `tapStride` apart (below 0: from the
 * last tap on), and of 36 matrices, which lie `stride` apart. */
SNNK_FUNCTION(void, winograd_kernel, (const float *g, int64_t tapStride, float *u, int64_t stride,
                                      int64_t count))
/* dg = G^T du G; taps lie `stride` apart, too. All numbers of channels are multiples of 16. */
SNNK_FUNCTION(void, winograd_kernel_gradient, (const float *du, float *dg, int64_t stride,
                                               int64_t count))

/* ---- Elementwise. */
SNNK_FUNCTION(void, fill, (float *x, int64_t count, float value))
SNNK_FUNCTION(void, add, (const float *a, const float *b, float *out, int64_t count))
SNNK_FUNCTION(void, scale, (const float *x, float *out, int64_t count, float factor))
/* Row r of x (xStride floats apart) to row r of out. */
SNNK_FUNCTION(void, copy_rows, (const float *x, int64_t xStride, float *out, int64_t outStride,
                                int64_t rows, int64_t columns))
/* 1 when every number is finite, else 0. */
SNNK_FUNCTION(int32_t, all_finite, (const float *x, int64_t count))

/* out[i] = float(x[i]) * scale for uint8, float(x[i]) for the others (rounded to nearest). */
SNNK_FUNCTION(void, convert_uint8, (const uint8_t *x, float *out, int64_t count, float scale))
SNNK_FUNCTION(void, convert_float64, (const double *x, float *out, int64_t count))
SNNK_FUNCTION(void, convert_int32, (const int32_t *x, float *out, int64_t count))
SNNK_FUNCTION(void, convert_int64, (const int64_t *x, float *out, int64_t count))

/* The sum of squares, in double, of at most SNNK_SQUARES_PER_CHUNK numbers: number i goes to lane
 * i % 16, each lane adds upward from +0, and the lanes are folded, lane i with i + 8, then i + 4,
 * i + 2 and i + 1. A square of a float is exact in double, so that the sum is the same on every
 * instruction set, cannot overflow, and is finite where every number is. */
SNNK_FUNCTION(double, sum_of_squares, (const float *x, int64_t count))
/* The sum of the magnitudes in the same order. */
SNNK_FUNCTION(double, sum_of_magnitudes, (const float *x, int64_t count))
/* g = madd(x, slope, g + step * sign(x)), the sign of 0 being 0: adds the gradient of
 * step * |x| + slope / 2 * x^2 */
SNNK_FUNCTION(void, add_penalty_gradient, (const float *x, float *g, int64_t count, float step,
                                           float slope))
/* The same for the products x[i] y[i], which are exact in double too. */
SNNK_FUNCTION(double, sum_of_products, (const float *x, const float *y, int64_t count))

/* ---- Reductions over rows, for each column. These add at most SNNK_ROWS_PER_CHUNK rows, upward
 * from +0; tree_sum adds the chunks' results. x is [rows, columns], contiguous. */
/* out[c] = sum x[r, c] */
SNNK_FUNCTION(void, column_sums, (const float *x, int64_t rows, int64_t columns, float *out))
/* out[c] = sum (x[r, c] - mean[c])^2, by multiply-add */
SNNK_FUNCTION(void, column_deviations, (const float *x, const float *mean, int64_t rows,
                                        int64_t columns, float *out))
/* sums[c] = sum dy[r, c], and correlations[c] = sum dy[r, c] * (x[r, c] - mean[c]), by multiply-add */
SNNK_FUNCTION(void, column_sums_and_correlations, (const float *dy, const float *x,
                                                   const float *mean, int64_t rows,
                                                   int64_t columns, float *sums,
                                                   float *correlations))
/* Adds `count` rows pairwise, neighbours first, level by level, an odd one passing up unchanged;
 * the sum is left in the first row, the others are destroyed. */
SNNK_FUNCTION(void, tree_sum, (float *rows, int64_t count, int64_t columns))

/* ---- Columns in double, for least squares. Column i of a begins at a + i * stride, and so on; rows
 * is a multiple of 16, n one of 4. */
/* c[i, j] = sum of a[r, i] b[r, j] for columns i < m, j < n: lane r % 8 adds upward from +0 by
 * multiply-add, then lane l is added to l + 4, l + 2 and l + 1. c[i, j] is at c + j * cStride + i. */
SNNK_FUNCTION(void, column_products, (const double *a, const double *b, double *c, int64_t m,
                                      int64_t n, int64_t rows, int64_t stride, int64_t cStride))
/* b[r, j] -= sum of a[r, i] w[i, j], i upward, one multiply-add each; w as c above. */
SNNK_FUNCTION(void, subtract_columns, (const double *a, const double *w, double *b, int64_t m,
                                       int64_t n, int64_t rows, int64_t stride, int64_t wStride))

/* ---- Columnwise affine maps, x is [rows, columns]. */
/* y = madd(x, scale[c], shift[c]) */
SNNK_FUNCTION(void, column_affine, (const float *x, const float *scale, const float *shift,
                                    float *y, int64_t rows, int64_t columns))
/* dx = madd(dy, a[c], madd(x - mean[c], b[c], c_[c])): the gradient of a normalization */
SNNK_FUNCTION(void, column_affine_gradient, (const float *dy, const float *x, const float *mean,
                                             const float *a, const float *b, const float *c,
                                             float *dx, int64_t rows, int64_t columns))

/* ---- Normalizations of rows, see snnk_normalization. A row's sums: chunks of 1024 numbers, whose
 * sums are added upward in double; within one, vectors of sixteen go to one of two sums in turn, but an
 * odd last one and what is left of vectors to the first, both are added and the lanes folded. */
/* statistics [rows, 2]: mu and r of each row; r is NaN where the sum of squares is not finite. y is
 * madd((x - mu) r, gamma, beta). */
SNNK_FUNCTION(void, normalize_rows, (const snnk_normalization *normalization, const float *x,
                                     float *y, float *statistics, int64_t rows))
/* The gradients, dx unless it is NULL. Of at most SNNK_ROWS_PER_CHUNK rows dGamma [length] and, if it
 * is NULL neither, dBeta [length] are the sums over the rows, upward from +0. */
SNNK_FUNCTION(void, normalize_rows_gradient, (const snnk_normalization *normalization,
                                              const float *x, const float *dy,
                                              const float *statistics, float *_Nullable dx,
                                              float *_Nullable dGamma, float *_Nullable dBeta,
                                              int64_t rows))

/* ---- Pooling over what a window covers of each sample, all channels and dilation 1; every place
 * covers something. A line is the places along the width at one depth and height of one sample. */
/* Lines first ..< first + count of y: the largest number, a NaN before all, where picks_largest is 1,
 * and the number in its sample of the first place that has it, as the bits of an int32, in `winners`;
 * where it is 0 the sum, upward from the first place, times 1 / number of places. */
SNNK_FUNCTION(void, pool, (const snnk_window *window, const float *x, float *y,
                           float *_Nullable winners, int32_t picks_largest, int64_t first,
                           int64_t count))
/* Lines of dx, the gradient of the largest with `winners`, else that of the mean, by madd with 1 /
 * number of places: each is the sum over the places of y that cover it, upward from +0. */
SNNK_FUNCTION(void, pool_gradient, (const snnk_window *window, const float *dy,
                                    const float *_Nullable winners, float *dx, int64_t first,
                                    int64_t count))

/* ---- Elementwise activations: y = f(x), and dx = dy * f'(x), which may read x and y. a, b and c
 * are the function's own constants (documented at each function), ignored where it has none. */
#define SNNK_ACTIVATION(name)                                                                  \
    SNNK_FUNCTION(void, name, (const float *x, float *y, int64_t count, float a, float b, float c)) \
    SNNK_FUNCTION(void, name##_gradient, (const float *x, const float *y, const float *dy,     \
                                          float *dx, int64_t count, float a, float b, float c))

/* ReLU: x >= a: a (maximum; infinity for none); c <= x < a: x; x < c: b * (x - c) (b slope, c threshold) */
SNNK_ACTIVATION(relu)
SNNK_ACTIVATION(sigmoid)
SNNK_ACTIVATION(tanh)
SNNK_ACTIVATION(elu)          /* x > 0: x, else a * (exp(x) - 1) */
SNNK_ACTIVATION(selu)
SNNK_ACTIVATION(celu)         /* max(x, 0) + min(0, a * (exp(x / a) - 1)) */
SNNK_ACTIVATION(gelu)         /* 0.5 x (1 + erf(x / sqrt 2)) */
SNNK_ACTIVATION(gelu_tanh)    /* 0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) */
SNNK_ACTIVATION(silu)
SNNK_ACTIVATION(softplus)     /* log(1 + exp(x)) */
SNNK_ACTIVATION(softsign)
SNNK_ACTIVATION(exponential)
SNNK_ACTIVATION(mish)         /* x tanh(softplus(x)) */
SNNK_ACTIVATION(log_sigmoid)
SNNK_ACTIVATION(hard_sigmoid) /* relu6(x + 3) / 6 */
SNNK_ACTIVATION(hard_silu)    /* x relu6(x + 3) / 6 */
SNNK_ACTIVATION(hard_tanh)    /* clip(x, -1, 1) */
SNNK_ACTIVATION(tanh_shrink)  /* x - tanh(x) */
SNNK_ACTIVATION(hard_shrink)  /* |x| > a: x, else 0 */
SNNK_ACTIVATION(soft_shrink)  /* x > a: x - a; x < -a: x + a; else 0 */
SNNK_ACTIVATION(squareplus)   /* (x + sqrt(x^2 + a)) / 2 */
SNNK_ACTIVATION(sparse_plus)  /* x <= -1: 0; x >= 1: x; else (x + 1)^2 / 4 */
SNNK_ACTIVATION(sparse_sigmoid) /* x <= -1: 0; x >= 1: 1; else (x + 1) / 2 */
SNNK_ACTIVATION(threshold)    /* x > a: x, else b */
SNNK_ACTIVATION(sin)
SNNK_ACTIVATION(cos)
SNNK_ACTIVATION(square)
#undef SNNK_ACTIVATION

/* ---- Activations along an axis; x is [outer, length, inner] and they act along length. */
SNNK_FUNCTION(void, softmax, (const float *x, float *y, int64_t outer, int64_t length, int64_t inner))
SNNK_FUNCTION(void, softmax_gradient, (const float *y, const float *dy, float *dx,
                                       int64_t outer, int64_t length, int64_t inner))
SNNK_FUNCTION(void, log_softmax, (const float *x, float *y, int64_t outer, int64_t length, int64_t inner))
SNNK_FUNCTION(void, log_softmax_gradient, (const float *y, const float *dy, float *dx,
                                           int64_t outer, int64_t length, int64_t inner))
/* Martins and Astudillo 2016, the Euclidean projection onto the simplex; without sorting storage:
 * tau is found by the finite iteration tau <- (sum of x > tau of x - 1) / count. */
SNNK_FUNCTION(void, sparsemax, (const float *x, float *y, int64_t outer, int64_t length, int64_t inner))
SNNK_FUNCTION(void, sparsemax_gradient, (const float *y, const float *dy, float *dx,
                                         int64_t outer, int64_t length, int64_t inner))
/* Gated linear unit (Dauphin et al. 2017): x is [rows, 2 width], y = x1 * sigmoid(x2) is [rows, width]. */
SNNK_FUNCTION(void, glu, (const float *x, float *y, int64_t rows, int64_t width))
SNNK_FUNCTION(void, glu_gradient, (const float *x, const float *dy, float *dx, int64_t rows, int64_t width))

/* ---- Random. Philox4x32-10 (Salmon et al. 2011): element e of a tensor is word e % 4 of the block
 * with counter (e / 4, c1, c2, c3) under key (seed's low word, high word). */
/* out[i] = the word of element first + i; first is a multiple of 4 */
SNNK_FUNCTION(void, random_words, (uint32_t *out, int64_t first, int64_t count, uint64_t seed,
                                   uint32_t c1, uint32_t c2, uint32_t c3))
/* y[i] = word < threshold ? 0 : x[i] * factor, for elements first ...; first is a multiple of 4.
 * Its own gradient, with dy for x. */
SNNK_FUNCTION(void, dropout, (const float *x, float *y, int64_t first, int64_t count, uint64_t seed,
                              uint32_t c1, uint32_t c2, uint32_t c3, uint32_t threshold, float factor))

/* ---- Losses: values[r] for each of `rows` rows of prediction and target [rows, width], and
 * dPrediction = factors[r] * d values[r] / d prediction. smoothing is Keras's label_smoothing
 * (crossentropies other than sparse). Probabilities are clipped to [1e-7, 1 - 1e-7] as in Keras,
 * and the gradient is 0 where they were; categorical ones are first divided by their sum. */
#define SNNK_LOSS(name)                                                                       \
    SNNK_FUNCTION(void, name, (const float *prediction, const float *target, float *values,   \
                               int64_t rows, int64_t width, float smoothing))                 \
    SNNK_FUNCTION(void, name##_gradient, (const float *prediction, const float *target,       \
                                          const float *factors, float *dPrediction,           \
                                          int64_t rows, int64_t width, float smoothing))
SNNK_LOSS(mean_squared_error)
SNNK_LOSS(mean_absolute_error)
SNNK_LOSS(binary_crossentropy)
SNNK_LOSS(binary_crossentropy_logits)
SNNK_LOSS(categorical_crossentropy)
SNNK_LOSS(categorical_crossentropy_logits)
/* target is [rows]: class numbers 0 ..< width, already checked */
SNNK_LOSS(sparse_categorical_crossentropy)
SNNK_LOSS(sparse_categorical_crossentropy_logits)
#undef SNNK_LOSS

/* Both at once, with one exponential a logit: the same bits. dPrediction is not prediction. */
#define SNNK_LOSS_AND_GRADIENT(name)                                                          \
    SNNK_FUNCTION(void, name##_and_gradient,                                                  \
                  (const float *prediction, const float *target, const float *factors,        \
                   float *values, float *dPrediction, int64_t rows, int64_t width,            \
                   float smoothing))
SNNK_LOSS_AND_GRADIENT(categorical_crossentropy_logits)
SNNK_LOSS_AND_GRADIENT(sparse_categorical_crossentropy_logits)
#undef SNNK_LOSS_AND_GRADIENT

/* The losses of snnk_loss, in one pass: values[r], and with dPrediction (not prediction itself) also
 * factors[r] * d values[r] / d prediction. The gradient is 0 where clipping holds p; where a formula
 * has a kink it is that of one side, or 0 between the two. */
SNNK_FUNCTION(void, pointwise_loss, (const snnk_loss *loss, const float *prediction,
                                     const float *target, const float *_Nullable factors,
                                     float *values, float *_Nullable dPrediction, int64_t rows,
                                     int64_t width))

/* out[r] = the first index of the row's largest number, as a float; NaN counts as smaller than all. */
SNNK_FUNCTION(void, row_argmax, (const float *x, float *out, int64_t rows, int64_t width))

/* ---- Optimizer steps over a flat range, Keras's formulas; each product that is added is a madd.
 * Before the step, in the same pass, the gradient is clipped and the weights decay: g is
 * g * factor (rounded), then cut to [-bound, bound], and w is madd(0 - decay, w, w), decay being
 * the weight decay times the rate, rounded from double. With factor 1, bound infinity and decay 0
 * both are left as they are, at no cost. */
/* w -= rate * g */
SNNK_FUNCTION(void, sgd, (float *w, const float *g, int64_t count, float rate, float factor,
                          float bound, float decay))
/* m = momentum * m - rate * g; w += m, with nesterov w += momentum * m - rate * g;
 * momentum * m is rounded, rate * g is the madd's product. */
SNNK_FUNCTION(void, sgd_momentum, (float *w, const float *g, float *m, int64_t count, float rate,
                                   float momentum, int32_t nesterov, float factor, float bound,
                                   float decay))
/* m += (g - m) * (1 - beta1); v += (g^2 - v) * (1 - beta2); w -= alpha * m / (sqrt(v) + epsilon),
 * alpha = rate * sqrt(1 - beta2^t) / (1 - beta1^t) (Kingma and Ba 2015, as Keras computes it).
 * g^2 - v is madd(g, g, -v); the step is (alpha * m) / (sqrt(v) + epsilon).
 * oneMinusBeta1 and oneMinusBeta2 are rounded from double. With vMaximum (amsgrad, Reddi et al.
 * 2018) vMaximum = max(vMaximum, v) stands for v in the step. */
SNNK_FUNCTION(void, adam, (float *w, const float *g, float *m, float *v, float *_Nullable vMaximum,
                           int64_t count, float alpha, float oneMinusBeta1, float oneMinusBeta2,
                           float epsilon, float factor, float bound, float decay))
/* The rest on numbers first ..< first + count of what an snnk_step points to, with the same that
 * comes before. Constants are rounded from double. */
#define SNNK_STEP(name) \
    SNNK_FUNCTION(void, name, (const snnk_step *step, int64_t first, int64_t count))
/* v (s0) = a v + b g^2; with s2 the mean gradient n = a n + b g, and v - n^2 stands for v;
 * u = rate * g / sqrt(v + c); with s1 the momentum m = d m + u, and m stands for u; w -= u
 * (Hinton 2012; a is rho, b 1 - rho, c epsilon). */
SNNK_STEP(rmsprop)
/* s0 += g^2; w -= rate * g / sqrt(s0 + c) (Duchi et al. 2011; c is epsilon) */
SNNK_STEP(adagrad)
/* s0 = a s0 + b g^2; u = sqrt(s1 + c) g / sqrt(s0 + c); s1 = a s1 + b u^2; w -= rate * u (Zeiler
 * 2012; a is rho, b 1 - rho, c epsilon) */
SNNK_STEP(adadelta)
/* s0 += (g - s0) a; s1 = max(b s1, |g|); w -= rate * s0 / (s1 + c) (Kingma and Ba 2015, section 7;
 * rate is over 1 - beta1^t, a 1 - beta1, b beta2, c epsilon) */
SNNK_STEP(adamax)
/* s0 += (g - s0) a; s1 += (g^2 - s1) b; w -= (rate * s0 + d g) / (e sqrt(s1) + c) (Dozat 2016; a and
 * b are 1 - beta1 and 1 - beta2, e is 1 / sqrt(1 - beta2^t), c epsilon; rate and d hold the rest) */
SNNK_STEP(nadam)
/* w -= rate * sign(a s0 + b g); s0 = c s0 + d g (Chen et al. 2023; beta1 and beta2 and what they
 * leave of 1) */
SNNK_STEP(lion)
/* n = s0 + g^2; s1 += g + c w - (n^a - s0^a) / rate * w; s0 = n;
 * w = (clip(s1, -d, d) - s1) / (n^a / rate + b) (McMahan et al. 2013; a is -learning_rate_power, b
 * twice the l2, c twice the l2 shrinkage, d the l1 regularization; 0 where the divisor is 0) */
SNNK_STEP(ftrl)
#undef SNNK_STEP

#pragma clang assume_nonnull end
