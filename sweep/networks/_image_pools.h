/* Pools, ReLUs and orders of numbers for one type of number: included by _image_kernel.h. */

static void NAME(rectify)(int64_t n, T *x) {
    for (int64_t i = 0; i < n; i++) x[i] = x[i] < 0 ? 0 : x[i];
}

/* The slope by what went into a ReLU, from what came out of it. */
static void NAME(rectify_back)(int64_t n, const T *restrict out, T *restrict s) {
    for (int64_t i = 0; i < n; i++) s[i] = out[i] <= 0 ? 0 : s[i];
}

/* Every image's (rows, columns) as (columns, rows). */
static void NAME(transpose)(int64_t n, int64_t rows, int64_t columns, const T *from, T *restrict to) {
    int64_t size = rows * columns;
    for (int64_t image = 0; image < n; image++, from += size, to += size)
        for (int64_t i = 0; i < rows; i++)
            for (int64_t j = 0; j < columns; j++) to[j * rows + i] = from[i * columns + j];
}

/* Where the pixel that a tap of the kernel sees begins, for an output pixel counted over all images. */
static inline int64_t NAME(tapped)(const ImageLayer *on, int64_t pixel, int64_t tap) {
    int64_t area = on->out.height * on->out.width, image = pixel / area, at = pixel % area;
    int64_t y = at / on->out.width * on->stride_height + tap / on->kernel_width;
    int64_t x = at % on->out.width * on->stride_width + tap % on->kernel_width;
    return ((image * on->in.height + y) * on->in.width + x) * on->in.channels;
}

static void NAME(largest_of)(const ImageLayer *on, int64_t pixel, const T *in, T *restrict out) {
    int64_t width = on->in.channels, taps = on->kernel_height * on->kernel_width;
    memcpy(out, in + NAME(tapped)(on, pixel, 0), (size_t)width * sizeof(T));
    for (int64_t tap = 1; tap < taps; tap++) {
        const T *own = in + NAME(tapped)(on, pixel, tap);
        for (int64_t c = 0; c < width; c++) out[c] = own[c] > out[c] || own[c] != own[c] ? own[c] : out[c];
    }
}

static void NAME(take_largest)(const ImageLayer *on, int64_t n_images, const T *in, T *out) {
    int64_t n = n_images * on->out.height * on->out.width;
    for (int64_t i = 0; i < n; i++) NAME(largest_of)(on, i, in, out + i * on->in.channels);
}

/* The first of the largest gets the slope, as in torch. */
static void NAME(give_to_largest)(const ImageLayer *on, int64_t n_images, const T *in, const T *s,
                                  T *restrict down, T *restrict scratch) {
    int64_t width = on->in.channels, taps = on->kernel_height * on->kernel_width;
    int64_t n = n_images * on->out.height * on->out.width, size = on->in.height * on->in.width * width;
    T *largest = scratch, *left = largest + width;
    memset(down, 0, (size_t)(n_images * size) * sizeof(T));
    for (int64_t i = 0; i < n; i++) {
        NAME(largest_of)(on, i, in, largest);
        memcpy(left, s + i * width, (size_t)width * sizeof(T));
        for (int64_t tap = 0; tap < taps; tap++) {
            int64_t place = NAME(tapped)(on, i, tap);
            for (int64_t c = 0; c < width; c++) {
                int here = in[place + c] == largest[c] || in[place + c] != in[place + c];
                down[place + c] += here ? left[c] : 0;
                left[c] = here ? 0 : left[c];
            }
        }
    }
}

static void NAME(take_mean)(const ImageLayer *on, int64_t n_images, const T *in, T *restrict out) {
    int64_t width = on->in.channels, taps = on->kernel_height * on->kernel_width;
    int64_t n = n_images * on->out.height * on->out.width;
    for (int64_t i = 0; i < n; i++, out += width) {
        memset(out, 0, (size_t)width * sizeof(T));
        for (int64_t tap = 0; tap < taps; tap++) {
            const T *own = in + NAME(tapped)(on, i, tap);
            for (int64_t c = 0; c < width; c++) out[c] += own[c];
        }
        for (int64_t c = 0; c < width; c++) out[c] /= (T)taps;
    }
}

static void NAME(give_to_all)(const ImageLayer *on, int64_t n_images, const T *s, T *restrict down) {
    int64_t width = on->in.channels, taps = on->kernel_height * on->kernel_width;
    int64_t n = n_images * on->out.height * on->out.width, size = on->in.height * on->in.width * width;
    memset(down, 0, (size_t)(n_images * size) * sizeof(T));
    for (int64_t i = 0; i < n; i++, s += width)
        for (int64_t tap = 0; tap < taps; tap++) {
            T *to = down + NAME(tapped)(on, i, tap);
            for (int64_t c = 0; c < width; c++) to[c] += s[c] / (T)taps;
        }
}
