"""Golden values: what Keras 3 computes, in small files that the Swift tests read."""
