/* Norms for one type of number: of every channel over a batch (Ioffe & Szegedy 2015), and of every
   row (Ba, Kiros & Hinton 2016). Included by _image_kernel.h. */

static inline V NAME(lanes_at)(const T *from, int64_t many) {
    V found = {0};
    if (many == LANES) return *(const V *)from;
    memcpy(&found, from, (size_t)many * sizeof(T));
    return found;
}

/* Sums over n pixels of some channels: of y, or of (y - mean) * (x - mean of x). */
typedef struct { int64_t n, width; const T *x, *y; V x_mean, y_mean; int product; } NAME(Sum);

static inline __attribute__((always_inline)) V NAME(sum_of)(
    const NAME(Sum) *s, int64_t c, int64_t many) {
    V total = {0};
    for (int64_t i = 0; i < s->n;) {
        int64_t end = i + 4 * BLOCK <= s->n ? i + 4 * BLOCK : s->n;
        V sum[4] = {{0}};
        for (; i < end; i += 4) {
            int side_by_side = end - i < 4 ? (int)(end - i) : 4;
            for (int u = 0; u < side_by_side; u++) {
                V y = NAME(lanes_at)(s->y + (i + u) * s->width + c, many) - s->y_mean;
                const T *x = s->x + (i + u) * s->width + c;
                if (s->product) y *= NAME(lanes_at)(x, many) - s->x_mean;
                sum[u] += y;
            }
        }
        total += (sum[0] + sum[1]) + (sum[2] + sum[3]);
    }
    return total;
}

static V NAME(sum_over_pixels)(const NAME(Sum) *s, int64_t c) {
    if (s->width - c >= LANES) return NAME(sum_of)(s, c, LANES);
    return NAME(sum_of)(s, c, s->width - c);
}

/* The mean of every channel, and 1 over its deviation, of this batch; they go into the running
   ones. */
static void NAME(take_moments)(const ImageLayer *on, int64_t r, int64_t n, const T *in,
                               T *moments) {
    int64_t width = on->in.channels;
    T *mean = (T *)on->mean + r * width, *variance = (T *)on->variance + r * width;
    on->counts[r] += 1;
    double share = on->momentum < 0 ? 1.0 / (double)on->counts[r] : on->momentum;
    for (int64_t c = 0; c < width; c += LANES) {
        NAME(Sum) first = {n, width, in, in, {0}, {0}, 0};
        V middle = NAME(sum_over_pixels)(&first, c) / (T)n;
        NAME(Sum) second = {n, width, in, in, middle, middle, 1};
        V square = NAME(sum_over_pixels)(&second, c) / (T)n;
        for (int64_t i = 0; i < LANES && c + i < width; i++) {
            T unbiased = square[i] * ((T)n / (T)(n - 1));
            mean[c + i] = (T)(1 - share) * mean[c + i] + (T)share * middle[i];
            variance[c + i] = (T)(1 - share) * variance[c + i] + (T)share * unbiased;
            moments[c + i] = middle[i];
            moments[width + c + i] = (T)1 / (T)sqrt((double)(square[i] + (T)on->eps));
        }
    }
}

/* Network r, batch q, n pixels; scratch is as large as four numbers for every channel. */
static void NAME(normalize)(const ImageLayer *on, const T *theta, int64_t training, int64_t r,
                            int64_t q, int64_t n, const T *in, T *restrict out,
                            T *restrict scratch) {
    int64_t width = on->in.channels;
    T *mean = scratch, *scale = mean + width, *shift = scale + width;
    T *moments = (T *)on->moments + q * 2 * width;
    const T *runs = (const T *)on->mean + r * width, *varies = (const T *)on->variance + r * width;
    if (training) NAME(take_moments)(on, r, n, in, moments);
    for (int64_t c = 0; c < width; c++) {
        T own = training ? moments[width + c] : (T)1 / (T)sqrt((double)(varies[c] + (T)on->eps));
        mean[c] = training ? moments[c] : runs[c];
        scale[c] = on->weight < 0 ? own : own * theta[on->weight + c];
        shift[c] = on->bias < 0 ? 0 : theta[on->bias + c];
    }
    for (int64_t i = 0; i < n; i++, in += width, out += width)
        if (on->relu)
            for (int64_t c = 0; c < width; c++) {
                T found = (in[c] - mean[c]) * scale[c] + shift[c];
                out[c] = found < 0 ? 0 : found;
            }
        else
            for (int64_t c = 0; c < width; c++) out[c] = (in[c] - mean[c]) * scale[c] + shift[c];
}

static void NAME(normalize_back)(const ImageLayer *on, const T *theta, T *grad, int64_t q, int64_t n,
                                 const T *in, const T *s, T *restrict down, T *restrict scratch) {
    int64_t width = on->in.channels;
    const T *mean = (const T *)on->moments + q * 2 * width, *deviates = mean + width;
    T *scale = scratch, *level = scale + width, *slant = level + width;
    for (int64_t c = 0; c < width; c += LANES) {
        int64_t many = width - c < LANES ? width - c : LANES;
        NAME(Sum) plain = {n, width, in, s, {0}, {0}, 0};
        NAME(Sum) with_input = {n, width, in, s, NAME(lanes_at)(mean + c, many), {0}, 1};
        V level_sum = NAME(sum_over_pixels)(&plain, c);
        V slant_sum = NAME(sum_over_pixels)(&with_input, c);
        for (int64_t i = 0; i < many; i++) {
            T own = deviates[c + i];
            if (on->weight >= 0) grad[on->weight + c + i] = slant_sum[i] * own;
            if (on->bias >= 0) grad[on->bias + c + i] = level_sum[i];
            scale[c + i] = on->weight < 0 ? own : own * theta[on->weight + c + i];
            level[c + i] = level_sum[i] / (T)n;
            slant[c + i] = slant_sum[i] * own * own / (T)n;
        }
    }
    if (!down) return;
    for (int64_t i = 0; i < n; i++, in += width, s += width, down += width)
        for (int64_t c = 0; c < width; c++)
            down[c] = scale[c] * (s[c] - level[c] - (in[c] - mean[c]) * slant[c]);
}

/* ---- of rows ------------------------------------------------------------------------------- */

static T NAME(row_sum)(int64_t n, const T *x) {
    V sum = {0};
    T total = 0;
    int64_t i = 0;
    for (; i + LANES <= n; i += LANES) sum += *(const V *)(x + i);
    for (; i < n; i++) total += x[i];
    for (int64_t c = 0; c < LANES; c++) total += sum[c];
    return total;
}

/* The sum of x * (y - mean), or of (y - mean) squared where x is 0. */
static T NAME(row_product)(int64_t n, const T *x, const T *y, T mean) {
    V sum = {0};
    T total = 0;
    int64_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        V own = *(const V *)(y + i) - mean;
        sum += (x ? *(const V *)(x + i) : own) * own;
    }
    for (; i < n; i++) total += (x ? x[i] : y[i] - mean) * (y[i] - mean);
    for (int64_t c = 0; c < LANES; c++) total += sum[c];
    return total;
}

/* n rows; moments gets the mean of each and 1 over its deviation, or is 0. */
static void NAME(normalize_rows)(const ImageLayer *on, const T *theta, int64_t n, const T *in,
                                 T *restrict out, T *restrict moments) {
    int64_t width = on->in.channels;
    for (int64_t i = 0; i < n; i++, in += width, out += width) {
        T mean = NAME(row_sum)(width, in) / (T)width;
        T square = NAME(row_product)(width, 0, in, mean) / (T)width;
        T own = (T)1 / (T)sqrt((double)(square + (T)on->eps));
        for (int64_t c = 0; c < width; c++) out[c] = (in[c] - mean) * own;
        for (int64_t c = 0; c < width && on->weight >= 0; c++) out[c] *= theta[on->weight + c];
        for (int64_t c = 0; c < width && on->bias >= 0; c++) out[c] += theta[on->bias + c];
        if (moments) moments[2 * i] = mean, moments[2 * i + 1] = own;
    }
}

static void NAME(normalize_rows_back)(const ImageLayer *on, const T *theta, T *grad, int64_t n,
                                      const T *in, const T *s, T *restrict down, const T *moments,
                                      T *restrict scaled) {
    int64_t width = on->in.channels, weight = on->weight, bias = on->bias;
    if (weight >= 0) memset(grad + weight, 0, (size_t)width * sizeof(T));
    if (bias >= 0) memset(grad + bias, 0, (size_t)width * sizeof(T));
    for (int64_t i = 0; i < n; i++, in += width, s += width) {
        T mean = moments[2 * i], own = moments[2 * i + 1];
        for (int64_t c = 0; c < width && weight >= 0; c++)
            grad[weight + c] += s[c] * ((in[c] - mean) * own);
        for (int64_t c = 0; c < width && bias >= 0; c++) grad[bias + c] += s[c];
        if (!down) continue;
        for (int64_t c = 0; c < width; c++) scaled[c] = weight < 0 ? s[c] : s[c] * theta[weight + c];
        T level = NAME(row_sum)(width, scaled) / (T)width;
        T slant = NAME(row_product)(width, scaled, in, mean) * own * own / (T)width;
        for (int64_t c = 0; c < width; c++)
            down[c] = own * (scaled[c] - level - (in[c] - mean) * slant);
        down += width;
    }
}
