/* Layers of networks on images for one type of number: included by _image_kernel.c with NUMBER and
   NAME.

   Each network's batch is its own: no number depends on how many networks there are. */

#include "_products.h"
#include "_image_norm.h"
#include "_image_pools.h"

static int64_t NAME(area)(Shape s) { return s.height * s.width; }
static int64_t NAME(size)(Shape s) { return s.height * s.width * s.channels; }

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

/* The patch of an output pixel: where it begins in its image, and how many numbers of each row of the
   kernel lie left of the image, within and right of it. */
typedef struct { int64_t image, y, x, before, within, after; } NAME(Patch);

static inline void NAME(cut)(const ImageLayer *on, NAME(Patch) *p) {
    int64_t left = p->x * on->stride_width - on->left, width = on->kernel_width;
    int64_t before = left < 0 ? -left : 0, end = on->in.width - left;
    before = before < width ? before : width;
    end = end > width ? width : end < before ? before : end;
    p->before = before * on->in.channels;
    p->within = (end - before) * on->in.channels;
    p->after = (width - end) * on->in.channels;
}

/* The patch of a pixel that is counted over all images, and the one after it. */
static NAME(Patch) NAME(patch_at)(const ImageLayer *on, int64_t pixel) {
    int64_t row = pixel / on->out.width;
    NAME(Patch) found = {row / on->out.height, row % on->out.height, pixel % on->out.width, 0, 0, 0};
    NAME(cut)(on, &found);
    return found;
}

static inline void NAME(go_on)(const ImageLayer *on, NAME(Patch) *p) {
    if (++p->x == on->out.width) p->x = 0, p->y++;
    if (p->y == on->out.height) p->y = 0, p->image++;
    NAME(cut)(on, p);
}

/* Where the numbers under a row of the kernel begin; -1 where it lies above or below the image. */
static inline int64_t NAME(under)(const ImageLayer *on, const NAME(Patch) *p, int64_t row) {
    int64_t y = p->y * on->stride_height - on->top + row;
    int64_t x = p->x * on->stride_width - on->left;
    if (y < 0 || y >= on->in.height) return -1;
    return ((p->image * on->in.height + y) * on->in.width + x) * on->in.channels + p->before;
}

static inline T *NAME(clear)(int64_t n, T *to) {
    int64_t i = 0;
    for (; i + LANES <= n; i += LANES) *(V *)(to + i) = (V){0};
    for (; i < n; i++) to[i] = 0;
    return to + n;
}

static inline T *NAME(copy)(int64_t n, const T *from, T *to) {
    int64_t i = 0;
    for (; i + LANES <= n; i += LANES) *(V *)(to + i) = *(const V *)(from + i);
    for (; i < n; i++) to[i] = from[i];
    return to + n;
}

static inline void NAME(add)(int64_t n, const T *from, T *to) {
    int64_t i = 0;
    for (; i + LANES <= n; i += LANES) *(V *)(to + i) += *(const V *)(from + i);
    for (; i < n; i++) to[i] += from[i];
}

/* The patches of n pixels from one on. */
static void NAME(patches)(const ImageLayer *on, const T *in, int64_t first, int64_t n, T *to) {
    int64_t width = on->kernel_width * on->in.channels;
    NAME(Patch) p = NAME(patch_at)(on, first);
    for (; n > 0; n--, NAME(go_on)(on, &p))
        for (int64_t row = 0; row < on->kernel_height; row++) {
            int64_t place = NAME(under)(on, &p, row);
            if (place < 0) to = NAME(clear)(width, to);
            else to = NAME(clear)(p.after, NAME(copy)(p.within, in + place, NAME(clear)(p.before, to)));
        }
}

/* Adds what patches hold to the pixels that they are of. */
static void NAME(put_back)(const ImageLayer *on, const T *from, int64_t first, int64_t n, T *in) {
    int64_t width = on->kernel_width * on->in.channels;
    NAME(Patch) p = NAME(patch_at)(on, first);
    for (; n > 0; n--, NAME(go_on)(on, &p))
        for (int64_t row = 0; row < on->kernel_height; row++, from += width) {
            int64_t place = NAME(under)(on, &p, row);
            if (place >= 0) NAME(add)(p.within, from + p.before, in + place);
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
    for (int64_t i = 0; i < n; i += step) {
        int64_t many = n - i < step ? n - i : step;
        const T *a = pointwise ? in + i * k : room;
        if (!pointwise) NAME(patches)(on, in, i, many, room);
        NAME(Product) whole = {
            many, o, k, a, k, 1, panels, out + i * o, o,
            on->bias < 0 ? 0 : theta + on->bias, (int)on->relu, 0,
        };
        NAME(product)(&whole);
    }
}

/* Rounds numbers of scratch up to whole panels. */
static int64_t NAME(whole)(int64_t n) { return (n + WIDE - 1) / WIDE * WIDE; }

/* Numbers of scratch that a convolution's backward needs. */
static int64_t NAME(back_room)(const ImageLayer *on) {
    int64_t k = NAME(seen)(on), o = NAME(whole)(on->out.channels), near = NAME(near)(on);
    return NAME(whole)(k * on->out.channels) + NAME(packed)(on->out.channels, k) + k * o +
           near * o + 2 * NAME(whole)(near * k);
}

/* The gradients of weights and, where down is not 0, of the inputs, from the slope s of the outputs. */
static void NAME(convolve_back)(const ImageLayer *on, const T *theta, T *grad, int64_t n_images,
                                const T *in, const T *s, T *down, T *room) {
    int64_t c = on->in.channels, taps = on->kernel_height * on->kernel_width, k = c * taps;
    int64_t o = on->out.channels, wide = NAME(whole)(o), n = n_images * NAME(area)(on->out);
    int64_t step = NAME(near)(on), pointwise = NAME(pointwise)(on);
    T *ordered = room, *weights = ordered + NAME(whole)(k * o);
    T *sum = weights + NAME(packed)(o, k), *slopes = sum + k * wide;
    T *seen = slopes + step * wide, *below = seen + NAME(whole)(step * k);
    if (down) {
        NAME(order)(on, theta + on->weight, ordered);
        NAME(pack)(o, k, ordered, k, 1, weights);
    }
    if (down && !pointwise) memset(down, 0, (size_t)(n_images * NAME(size)(on->in)) * sizeof(T));
    memset(sum, 0, (size_t)(k * wide) * sizeof(T));
    for (int64_t i = 0; i < n; i += step) {
        int64_t many = n - i < step ? n - i : step;
        const T *a = pointwise ? in + i * k : seen;
        if (!pointwise) NAME(patches)(on, in, i, many, seen);
        NAME(pack)(many, o, s + i * o, o, 1, slopes);
        NAME(Product) weight = {k, wide, many, a, 1, k, slopes, sum, wide, 0, 0, 1};
        NAME(product)(&weight);
        if (!down) continue;
        T *to = pointwise ? down + i * k : below;
        NAME(Product) back = {many, k, o, s + i * o, o, 1, weights, to, k, 0, 0, 0};
        NAME(product)(&back);
        if (!pointwise) NAME(put_back)(on, below, i, many, down);
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
            own = k * (o > near ? o : near);
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
        case MAX_POOL: NAME(give_to_largest)(on, n, in, s, down, room); break;
        case AVERAGE_POOL: NAME(give_to_all)(on, n, s, down); break;
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
