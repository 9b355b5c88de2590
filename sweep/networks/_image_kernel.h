/* Layers of networks on images for one type of number: included by _image_kernel.c with NUMBER and
   NAME.

   Each network's batch is its own: no number depends on how many networks there are. */

#include "_products.h"
#include "_image_norm.h"
#include "_image_pools.h"

static int64_t NAME(area)(Shape s) { return s.height * s.width; }
static int64_t NAME(size)(Shape s) { return s.height * s.width * s.channels; }

/* Rounds numbers of scratch up to whole panels. */
static int64_t NAME(whole)(int64_t n) { return (n + WIDE - 1) / WIDE * WIDE; }

/* ---- convolutions -------------------------------------------------------------------------- */

/* Numbers of a patch: what an output pixel sees, (kernel_height, kernel_width, channels). */
static int64_t NAME(seen)(const ImageLayer *on) {
    return on->kernel_height * on->kernel_width * on->in.channels;
}

/* Whether the patches are the pixels, one after the other. */
static int NAME(pointwise)(const ImageLayer *on) {
    return NAME(seen)(on) == on->in.channels && on->stride_height * on->stride_width == 1 &&
           !on->top && !on->left;
}

/* How many patches are multiplied together: whole tiles of them. */
static int64_t NAME(near)(const ImageLayer *on) {
    int64_t tiles = NEAR / NAME(seen)(on) / TALL;
    return TALL * (tiles < 4 ? 4 : tiles > 64 ? 64 : tiles);
}

/* Output pixels of one image, and the lines of the padded image that they see. */
typedef struct { int64_t image, x, n, first_line, n_lines; } NAME(Piece);

/* The first of n pixels from one on, counted over all images, that are of one image. */
static NAME(Piece) NAME(piece)(const ImageLayer *on, int64_t first, int64_t n) {
    int64_t area = NAME(area)(on->out), at = first % area, y = at / on->out.width;
    if (n > area - at) n = area - at;
    int64_t below = (at + n - 1) / on->out.width - y, lines = below * on->stride_height;
    NAME(Piece) found = {
        first / area, at % on->out.width, n, y * on->stride_height, lines + on->kernel_height,
    };
    return found;
}

/* Numbers of a line of the padded image, as far as it is seen. */
static int64_t NAME(line)(const ImageLayer *on) {
    return ((on->out.width - 1) * on->stride_width + on->kernel_width) * on->in.channels;
}

/* Numbers of scratch for a padded image; vectors may end behind it. */
static int64_t NAME(padded)(const ImageLayer *on) {
    int64_t lines = (on->out.height - 1) * on->stride_height + on->kernel_height;
    return NAME(whole)(lines * NAME(line)(on) + LANES);
}

/* Copies lines of an image into its padding of zeros, or adds what lies there to it. */
static void NAME(pad)(const ImageLayer *on, const NAME(Piece) *p, const T *image, T *padded) {
    int64_t line = NAME(line)(on), left = on->left * on->in.channels;
    int64_t size = on->in.width * on->in.channels, within = line - left < size ? line - left : size;
    for (int64_t i = 0; i < p->n_lines; i++, padded += line) {
        int64_t y = p->first_line + i - on->top;
        memset(padded, 0, (size_t)line * sizeof(T));
        if (y < 0 || y >= on->in.height || within <= 0) continue;
        memcpy(padded + left, image + y * size, (size_t)within * sizeof(T));
    }
}

static void NAME(add_padded)(const ImageLayer *on, const NAME(Piece) *p, const T *padded, T *image) {
    int64_t line = NAME(line)(on), left = on->left * on->in.channels;
    int64_t size = on->in.width * on->in.channels, within = line - left < size ? line - left : size;
    for (int64_t i = 0; i < p->n_lines; i++, padded += line) {
        int64_t y = p->first_line + i - on->top;
        if (y < 0 || y >= on->in.height) continue;
        for (int64_t c = 0; c < within; c++) image[y * size + c] += padded[left + c];
    }
}

/* The patches of n pixels from one on, in whole vectors, which may end behind them. */
static void NAME(patches)(const ImageLayer *on, const T *in, int64_t first, int64_t n, T *padded,
                          T *to) {
    int64_t line = NAME(line)(on), width = on->kernel_width * on->in.channels;
    int64_t across = on->stride_width * on->in.channels;
    while (n > 0) {
        NAME(Piece) p = NAME(piece)(on, first, n);
        const T *begin = padded;
        NAME(pad)(on, &p, in + p.image * NAME(size)(on->in), padded);
        for (int64_t i = 0, x = p.x; i < p.n; i++) {
            const T *from = begin + x * across;
            for (int64_t k = 0; k < on->kernel_height; k++, from += line, to += width)
                for (int64_t c = 0; c < width; c += LANES) *(V *)(to + c) = *(const V *)(from + c);
            if (++x == on->out.width) x = 0, begin += on->stride_height * line;
        }
        first += p.n;
        n -= p.n;
    }
}

/* Adds what patches hold to the pixels that they are of. */
static void NAME(put_back)(const ImageLayer *on, const T *from, int64_t first, int64_t n, T *padded,
                           T *in) {
    int64_t line = NAME(line)(on), width = on->kernel_width * on->in.channels;
    int64_t across = on->stride_width * on->in.channels;
    while (n > 0) {
        NAME(Piece) p = NAME(piece)(on, first, n);
        T *begin = padded;
        memset(padded, 0, (size_t)(p.n_lines * line) * sizeof(T));
        for (int64_t i = 0, x = p.x; i < p.n; i++) {
            T *to = begin + x * across;
            for (int64_t k = 0; k < on->kernel_height; k++, from += width, to += line) {
                int64_t c = 0;
                for (; c + LANES <= width; c += LANES) *(V *)(to + c) += *(const V *)(from + c);
                for (; c < width; c++) to[c] += from[c];
            }
            if (++x == on->out.width) x = 0, begin += on->stride_height * line;
        }
        NAME(add_padded)(on, &p, padded, in + p.image * NAME(size)(on->in));
        first += p.n;
        n -= p.n;
    }
}

/* Weights (outputs, channels, taps) as (outputs, taps, channels). */
static void NAME(order)(const ImageLayer *on, const T *weight, T *restrict to) {
    int64_t c = on->in.channels, taps = on->kernel_height * on->kernel_width;
    for (int64_t o = 0; o < on->out.channels; o++, weight += c * taps, to += c * taps)
        for (int64_t tap = 0; tap < taps; tap++)
            for (int64_t i = 0; i < c; i++) to[tap * c + i] = weight[i * taps + tap];
}

static void NAME(convolve)(const ImageLayer *on, const T *theta, int64_t n_images, const T *in,
                           const T *panels, T *out, T *room) {
    int64_t k = NAME(seen)(on), o = on->out.channels, n = n_images * NAME(area)(on->out);
    int64_t step = NAME(near)(on), pointwise = NAME(pointwise)(on);
    T *padded = room + NAME(whole)(step * k + LANES);
    for (int64_t i = 0; i < n; i += step) {
        int64_t many = n - i < step ? n - i : step;
        const T *a = pointwise ? in + i * k : room;
        if (!pointwise) NAME(patches)(on, in, i, many, padded, room);
        NAME(Product) whole = {
            many, o, k, a, k, 1, panels, out + i * o, o,
            on->bias < 0 ? 0 : theta + on->bias, (int)on->relu, 0,
        };
        NAME(product)(&whole);
    }
}

/* Numbers of scratch that a convolution's backward needs. */
static int64_t NAME(back_room)(const ImageLayer *on) {
    int64_t k = NAME(seen)(on), o = NAME(whole)(on->out.channels), near = NAME(near)(on);
    return NAME(whole)(k * on->out.channels) + NAME(packed)(on->out.channels, k) + k * o +
           near * o + 2 * NAME(whole)(near * k + LANES) + NAME(padded)(on);
}

/* The gradients of weights and, where down is not 0, of the inputs, from the slope s of the
   outputs. */
static void NAME(convolve_back)(const ImageLayer *on, const T *theta, T *grad, int64_t n_images,
                                const T *in, const T *s, T *down, T *room) {
    int64_t c = on->in.channels, taps = on->kernel_height * on->kernel_width, k = c * taps;
    int64_t o = on->out.channels, wide = NAME(whole)(o), half = o <= LANES ? LANES : wide;
    int64_t n = n_images * NAME(area)(on->out);
    int64_t step = NAME(near)(on), pointwise = NAME(pointwise)(on);
    T *ordered = room, *weights = ordered + NAME(whole)(k * o);
    T *sum = weights + NAME(packed)(o, k), *slopes = sum + k * wide;
    T *seen = slopes + step * wide, *below = seen + NAME(whole)(step * k + LANES);
    T *padded = below + NAME(whole)(step * k);
    if (down) {
        NAME(order)(on, theta + on->weight, ordered);
        NAME(pack)(o, k, ordered, k, 1, weights);
    }
    if (down && !pointwise) memset(down, 0, (size_t)(n_images * NAME(size)(on->in)) * sizeof(T));
    memset(sum, 0, (size_t)(k * wide) * sizeof(T));
    for (int64_t i = 0; i < n; i += step) {
        int64_t many = n - i < step ? n - i : step;
        const T *a = pointwise ? in + i * k : seen;
        if (!pointwise) NAME(patches)(on, in, i, many, padded, seen);
        NAME(pack)(many, o, s + i * o, o, 1, slopes);
        NAME(Product) weight = {k, half, many, a, 1, k, slopes, sum, wide, 0, 0, 1};
        NAME(product)(&weight);
        if (!down) continue;
        T *to = pointwise ? down + i * k : below;
        NAME(Product) back = {many, k, o, s + i * o, o, 1, weights, to, k, 0, 0, 0};
        NAME(product)(&back);
        if (!pointwise) NAME(put_back)(on, below, i, many, padded, down);
    }
    for (int64_t j = 0; j < o; j++)
        for (int64_t i = 0; i < c; i++)
            for (int64_t tap = 0; tap < taps; tap++)
                grad[on->weight + (j * c + i) * taps + tap] = sum[(tap * c + i) * wide + j];
    for (int64_t j = 0; j < o && on->bias >= 0; j += LANES) {
        NAME(Sum) slope = {n, o, s, s, {0}, {0}, 0};
        V found = NAME(sum_over_pixels)(&slope, j);
        memcpy(grad + on->bias + j, &found, (size_t)(o - j < LANES ? o - j : LANES) * sizeof(T));
    }
}

/* ---- all layers ---------------------------------------------------------------------------- */

static int64_t NAME(widest)(const ImagePass *p) {
    int64_t most = NAME(size)(p->layers[0].in);
    for (const ImageLayer *on = p->layers; on < p->layers + p->n_layers; on++)
        if (NAME(size)(on->out) > most) most = NAME(size)(on->out);
    return NAME(whole)(most);
}

/* Numbers of scratch that a pass needs. */
int64_t NAME(regsweep_image_scratch)(const ImagePass *p) {
    int64_t panels = 0, room = 0, back = 0, widest = NAME(widest)(p);
    for (const ImageLayer *on = p->layers; on < p->layers + p->n_layers; on++) {
        int64_t own = 4 * NAME(whole)(on->out.channels), own_back = own;
        if (on->kind == CONVOLUTION) {
            int64_t k = NAME(seen)(on), o = on->out.channels, near = NAME(near)(on);
            panels += NAME(packed)(k, o);
            own = NAME(whole)(near * k + LANES) + NAME(padded)(on);
            own = own > k * o ? own : k * o;
            own_back = NAME(back_room)(on);
        }
        room = own > room ? own : room;
        back = own_back > back ? own_back : back;
    }
    int64_t forward = panels + NAME(whole)(room) + (p->training ? 0 : 2 * TOGETHER * widest);
    int64_t backward = p->training ? back + 2 * p->n_rows * widest : 0;
    return forward > backward ? forward : backward;
}

static void NAME(through)(const ImagePass *p, const ImageLayer *on, int64_t r, int64_t q, int64_t n,
                          const T *in, const T *panels, T *out, T *room) {
    const T *theta = (const T *)p->theta + r * p->n_columns;
    int64_t rows = NAME(area)(on->in), channels = on->in.channels;
    switch (on->kind) {
    case CONVOLUTION: NAME(convolve)(on, theta, n, in, panels, out, room); return;
    case NORM:
        NAME(normalize)(on, theta, p->training, r, q, n * rows, in, out, room);
        return;
    case ROW_NORM: {
        T *moments = p->training ? (T *)on->moments + q * 2 * p->n_rows : 0;
        NAME(normalize_rows)(on, theta, n, in, out, moments);
        break;
    }
    case MAX_POOL: NAME(take_largest)(on, n, in, out); break;
    case AVERAGE_POOL: NAME(take_mean)(on, n, in, out); break;
    case TO_PIXELS: NAME(transpose)(n, channels, rows, in, out); break;
    case TO_CHANNELS: NAME(transpose)(n, rows, channels, in, out); break;
    }
    if (on->relu) NAME(rectify)(n * NAME(size)(on->out), out);
}

/* The outputs of all layers of network r for batch q. */
static void NAME(forward)(const ImagePass *p, int64_t r, int64_t q) {
    const T *theta = (const T *)p->theta + r * p->n_columns;
    T *panels = (T *)p->scratch, *room = panels;
    int64_t widest = NAME(widest)(p), together = p->training ? p->n_rows : TOGETHER;
    for (const ImageLayer *on = p->layers; on < p->layers + p->n_layers; on++)
        if (on->kind == CONVOLUTION) room += NAME(packed)(NAME(seen)(on), on->out.channels);
    T *end = panels, *rooms = room;
    if (!p->training) room += 2 * TOGETHER * widest;
    for (const ImageLayer *on = p->layers; on < p->layers + p->n_layers; on++)
        if (on->kind == CONVOLUTION) {
            int64_t k = NAME(seen)(on);
            NAME(order)(on, theta + on->weight, room);
            end = NAME(pack)(k, on->out.channels, room, 1, k, end);
        }
    for (int64_t b = 0; b < p->n_rows; b += together) {
        int64_t many = p->n_rows - b < together ? p->n_rows - b : together;
        int64_t place = q * p->n_rows + b;
        const T *in = (const T *)p->x + place * NAME(size)(p->layers[0].in), *panel = panels;
        for (int64_t l = 0; l < p->n_layers; l++) {
            const ImageLayer *on = p->layers + l;
            T *kept = (T *)p->hidden[l], *out = rooms + (l & 1) * TOGETHER * widest;
            if (kept) out = kept + place * NAME(size)(on->out);
            NAME(through)(p, on, r, q, many, in, panel, out, room);
            if (on->kind == CONVOLUTION) panel += NAME(packed)(NAME(seen)(on), on->out.channels);
            in = out;
        }
    }
}

/* The gradients of the weights of network r from the slope of its outputs for batch q, from the last
   layer on. */
static void NAME(backward)(const ImagePass *p, int64_t r, int64_t q) {
    const T *theta = (const T *)p->theta + r * p->n_columns;
    T *grad = (T *)p->grad + r * p->n_columns, *rooms = (T *)p->scratch;
    int64_t n = p->n_rows, widest = NAME(widest)(p);
    T *room = rooms + 2 * n * widest, *s = (T *)p->slope;
    s += q * n * NAME(size)(p->layers[p->n_layers - 1].out);
    for (int64_t l = p->n_layers - 1; l >= 0; l--) {
        const ImageLayer *on = p->layers + l;
        int64_t outputs = n * NAME(size)(on->out), rows = NAME(area)(on->in);
        int64_t channels = on->in.channels;
        const T *in = (const T *)(l ? p->hidden[l - 1] : p->x) + q * n * NAME(size)(on->in);
        T *down = l ? rooms + (l & 1) * n * widest : (T *)p->below + q * n * NAME(size)(on->in);
        if (!p->below && l == p->lowest) down = 0;
        if (on->relu) NAME(rectify_back)(outputs, (const T *)p->hidden[l] + q * outputs, s);
        switch (on->kind) {
        case CONVOLUTION: NAME(convolve_back)(on, theta, grad, n, in, s, down, room); break;
        case NORM: NAME(normalize_back)(on, theta, grad, q, n * rows, in, s, down, room); break;
        case ROW_NORM: {
            const T *moments = (const T *)on->moments + q * 2 * n;
            NAME(normalize_rows_back)(on, theta, grad, n, in, s, down, moments, room);
            break;
        }
        case MAX_POOL: NAME(give_to_largest)(on, n, in, s, down, room); break;
        case AVERAGE_POOL: NAME(give_to_all)(on, n, s, down, room); break;
        case TO_PIXELS: NAME(transpose)(n, rows, channels, s, down); break;
        case TO_CHANNELS: NAME(transpose)(n, channels, rows, s, down); break;
        }
        if (!down) return;
        s = down;
    }
}

void NAME(regsweep_image_forward)(const ImagePass *p, int64_t first, int64_t end, int64_t batch) {
    for (int64_t r = first; r < end; r++) NAME(forward)(p, r, batch + r - first);
}

void NAME(regsweep_image_backward)(const ImagePass *p, int64_t first, int64_t end, int64_t batch) {
    for (int64_t r = first; r < end; r++) NAME(backward)(p, r, batch + r - first);
}

#undef T
#undef V
#undef LANES
#undef WIDE
