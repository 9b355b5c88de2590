/* Losses for one type of number: included by _loss_kernel.c with NUMBER, NAME and EXP. */

typedef NUMBER NAME(number);
#define T NAME(number)

/* The sum of the weights of rows, or their number; 1 where it is 0. */
static double NAME(weight_sum)(int64_t n, const T *weights) {
    double sum = 0;
    if (!weights) return (double)n;
    for (int64_t i = 0; i < n; i++) sum += (double)weights[i];
    return sum == 0 ? 1 : sum;
}

/* Minus the logarithm of the softmax at the true class: outputs (n, width), and classes (n,) or the
   share of every class (n, width). A class that is none makes the loss no number. */
static double NAME(cross_entropy)(int64_t n, int64_t width, const T *restrict output,
                                  const int64_t *classes, const T *shares, const T *weights,
                                  T *restrict slope) {
    double total = 0, whole = NAME(weight_sum)(n, weights);
    T each = (T)1 / (T)n;
    for (int64_t i = 0; i < n; i++, output += width, slope += width) {
        T most = output[0], sum = 0, picked = 0;
        if (weights) each = (T)((double)weights[i] / whole);
        for (int64_t c = 1; c < width; c++) most = output[c] > most ? output[c] : most;
        for (int64_t c = 0; c < width; c++) sum += slope[c] = EXP(output[c] - most);
        T factor = each / sum;
        for (int64_t c = 0; c < width; c++) slope[c] *= factor;
        if (shares) {
            const T *share = shares + i * width;
            for (int64_t c = 0; c < width; c++) {
                picked += (output[c] - most) * share[c];
                slope[c] -= share[c] * each;
            }
        } else if (classes[i] < 0 || classes[i] >= width) {
            picked = NAN;
        } else {
            picked = output[classes[i]] - most;
            slope[classes[i]] -= each;
        }
        double loss = log((double)sum) - (double)picked;
        total += weights ? (double)weights[i] * loss : loss;
    }
    return total / whole;
}

/* Minus the logarithm of the sigmoid of what is true, averaged over labels: outputs (n, width), and
   classes 0 and 1 or shares. */
static double NAME(binary)(int64_t n, int64_t width, const T *restrict output, const int64_t *classes,
                           const T *shares, const T *weights, T *restrict slope) {
    double total = 0, whole = NAME(weight_sum)(n, weights);
    T each = (T)1 / (T)(n * width);
    for (int64_t i = 0; i < n * width; i++) {
        T x = output[i], wanted = shares ? shares[i] : (T)classes[i], far = EXP(x < 0 ? x : -x);
        T shown = (x < 0 ? far : 1) / (1 + far);
        double weight = weights ? (double)weights[i / width] : 1;
        double loss = (double)((x > 0 ? x : 0) - x * wanted) + log1p((double)far);
        if (weights) each = (T)(weight / (whole * (double)width));
        total += weights ? weight * loss : loss;
        slope[i] = (shown - wanted) * each;
    }
    return total / (whole * (double)width);
}

/* The mean of squared errors: outputs and targets (n, width). */
static double NAME(squared_error)(int64_t n, int64_t width, const T *restrict output,
                                  const T *restrict target, const T *weights, T *restrict slope) {
    double total = 0, whole = NAME(weight_sum)(n, weights) * (double)width;
    T twice = (T)(2 / whole);
    if (weights)
        for (int64_t i = 0; i < n * width; i++) {
            T residual = output[i] - target[i];
            double weight = (double)weights[i / width];
            total += weight * ((double)residual * (double)residual);
            slope[i] = residual * (T)(2 * weight / whole);
        }
    else
        for (int64_t i = 0; i < n * width; i++) {
            T residual = output[i] - target[i];
            total += (double)residual * (double)residual;
            slope[i] = residual * twice;
        }
    return total / whole;
}

/* The loss (R,) and the gradient (R, n, width) of every network; weights (R, n) of rows, or 0. */
void NAME(regsweep_loss)(int64_t kind, int64_t n_networks, int64_t n, int64_t width,
                         const void *outputs, const void *targets, const void *weights, void *slopes,
                         void *losses) {
    for (int64_t r = 0; r < n_networks; r++) {
        const T *output = (const T *)outputs + r * n * width;
        const T *weight = weights ? (const T *)weights + r * n : 0;
        T *slope = (T *)slopes + r * n * width, *loss = (T *)losses + r;
        const T *numbers = (const T *)targets + r * n * width;
        const int64_t *classes = (const int64_t *)targets + r * n;
        if (kind == SQUARED_ERROR)
            *loss = (T)NAME(squared_error)(n, width, output, numbers, weight, slope);
        else if (kind == BINARY)
            *loss = (T)NAME(binary)(n, width, output, classes, 0, weight, slope);
        else if (kind == BINARY_OF_SHARES)
            *loss = (T)NAME(binary)(n, width, output, 0, numbers, weight, slope);
        else if (kind == CROSS_ENTROPY)
            *loss = (T)NAME(cross_entropy)(n, width, output, classes, 0, weight, slope);
        else
            *loss = (T)NAME(cross_entropy)(n, width, output, 0, numbers, weight, slope);
    }
}

#undef T
