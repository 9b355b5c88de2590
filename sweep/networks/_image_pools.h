/* Pools, ReLUs and orders of numbers for one type of number: included by _image_kernel.h. */

static void NAME(rectify)(int64_t n, T *x) {
    for (int64_t i = 0; i < n; i++) x[i] = x[i] < 0 ? 0 : x[i];
}

/* The slope by what went into a ReLU, from what came out of it. */
static void NAME(rectify_back)(int64_t n, const T *restrict out, T *restrict s) {
    for (int64_t i = 0; i < n; i++) s[i] = out[i] <= 0 ? 0 : s[i];
}

/* Every image's (rows, columns) as (columns, rows). */
static void NAME(transpose)(int64_t n, int64_t rows, int64_t columns, const T *from,
                            T *restrict to) {
    int64_t size = rows * columns;
    for (int64_t image = 0; image < n; image++, from += size, to += size)
        for (int64_t i = 0; i < rows; i++)
            for (int64_t j = 0; j < columns; j++) to[j * rows + i] = from[i * columns + j];
}

/* The window of an output pixel: of which image, and where in all of them it begins. */
typedef struct { int64_t image, y, x, place; } NAME(Window);

static inline void NAME(go_on)(const ImageLayer *on, NAME(Window) *w) {
    if (++w->x == on->out.width) w->x = 0, w->y++;
    if (w->y == on->out.height) w->y = 0, w->image++;
    int64_t y = w->image * on->in.height + w->y * on->stride_height;
    w->place = (y * on->in.width + w->x * on->stride_width) * on->in.channels;
}

/* Where in a window a tap of the kernel sees its pixel. */
static inline int64_t NAME(tapped)(const ImageLayer *on, int64_t row, int64_t column) {
    return (row * on->in.width + column) * on->in.channels;
}

static inline void NAME(largest_of)(const ImageLayer *on, const T *in, T *restrict out) {
    int64_t width = on->in.channels;
    for (int64_t c = 0; c < width; c++) out[c] = in[c];
    for (int64_t row = 0; row < on->kernel_height; row++)
        for (int64_t column = 0; column < on->kernel_width; column++) {
            const T *own = in + NAME(tapped)(on, row, column);
            for (int64_t c = 0; c < width; c++)
                out[c] = own[c] > out[c] || own[c] != own[c] ? own[c] : out[c];
        }
}

static void NAME(take_largest)(const ImageLayer *on, int64_t n_images, const T *in, T *out) {
    for (NAME(Window) w = {0}; w.image < n_images; NAME(go_on)(on, &w), out += on->in.channels)
        NAME(largest_of)(on, in + w.place, out);
}

/* The first of the largest gets the slope, as in torch. */
static void NAME(give_to_largest)(const ImageLayer *on, int64_t n_images, const T *in, const T *s,
                                  T *restrict down, T *restrict scratch) {
    int64_t width = on->in.channels, size = on->in.height * on->in.width * width;
    T *largest = scratch, *left = largest + width;
    memset(down, 0, (size_t)(n_images * size) * sizeof(T));
    for (NAME(Window) w = {0}; w.image < n_images; NAME(go_on)(on, &w), s += width) {
        NAME(largest_of)(on, in + w.place, largest);
        for (int64_t c = 0; c < width; c++) left[c] = s[c];
        for (int64_t row = 0; row < on->kernel_height; row++)
            for (int64_t column = 0; column < on->kernel_width; column++) {
                int64_t place = w.place + NAME(tapped)(on, row, column);
                for (int64_t c = 0; c < width; c++) {
                    T own = in[place + c];
                    int here = own == largest[c] || own != own;
                    down[place + c] += here ? left[c] : 0;
                    left[c] = here ? 0 : left[c];
                }
            }
    }
}

static void NAME(take_mean)(const ImageLayer *on, int64_t n_images, const T *in, T *restrict out) {
    int64_t width = on->in.channels, taps = on->kernel_height * on->kernel_width;
    for (NAME(Window) w = {0}; w.image < n_images; NAME(go_on)(on, &w), out += width) {
        for (int64_t c = 0; c < width; c++) out[c] = 0;
        for (int64_t row = 0; row < on->kernel_height; row++)
            for (int64_t column = 0; column < on->kernel_width; column++) {
                const T *own = in + w.place + NAME(tapped)(on, row, column);
                for (int64_t c = 0; c < width; c++) out[c] += own[c];
            }
        for (int64_t c = 0; c < width; c++) out[c] /= (T)taps;
    }
}

static void NAME(give_to_all)(const ImageLayer *on, int64_t n_images, const T *s, T *restrict down,
                              T *restrict scratch) {
    int64_t width = on->in.channels, taps = on->kernel_height * on->kernel_width;
    int64_t size = on->in.height * on->in.width * width;
    memset(down, 0, (size_t)(n_images * size) * sizeof(T));
    for (NAME(Window) w = {0}; w.image < n_images; NAME(go_on)(on, &w), s += width) {
        for (int64_t c = 0; c < width; c++) scratch[c] = s[c] / (T)taps;
        for (int64_t row = 0; row < on->kernel_height; row++)
            for (int64_t column = 0; column < on->kernel_width; column++) {
                T *to = down + w.place + NAME(tapped)(on, row, column);
                for (int64_t c = 0; c < width; c++) to[c] += scratch[c];
            }
    }
}
