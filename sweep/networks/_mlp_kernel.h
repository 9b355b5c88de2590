/* Layers for one type of number: included by _mlp_kernel.c with NUMBER and NAME. */

#include "_products.h"

/* ---- layers -------------------------------------------------------------------------------- */

static int64_t NAME(widest)(const Pass *p) {
    int64_t most = p->layers[0].n_inputs;
    for (int64_t l = 0; l < p->n_layers; l++)
        if (p->layers[l].n_outputs > most) most = p->layers[l].n_outputs;
    return most;
}

/* Numbers of scratch that a pass needs. */
int64_t NAME(regsweep_scratch)(const Pass *p) {
    int64_t widest = NAME(widest)(p), weights = 0, most = 0;
    for (int64_t l = 0; l < p->n_layers; l++) {
        int64_t inputs = p->layers[l].n_inputs, outputs = p->layers[l].n_outputs;
        int64_t rows = outputs > p->n_rows ? outputs : p->n_rows, back = NAME(packed)(rows, inputs);
        weights += NAME(packed)(inputs, outputs);
        most = back > most ? back : most;
    }
    int64_t forward = weights + 2 * ROWS * widest, backward = most + 2 * p->n_rows * widest;
    return forward > backward ? forward : backward;
}

/* The outputs of all layers of network r for the rows of batch s, ROWS at a time. */
static void NAME(forward)(const Pass *p, int64_t r, int64_t s) {
    const T *theta = (const T *)p->theta + r * p->n_columns;
    T *panels = (T *)p->scratch, *room = panels;
    int64_t n_inputs = p->layers[0].n_inputs, widest = NAME(widest)(p);
    for (int64_t l = 0; l < p->n_layers; l++) {
        const Layer *on = p->layers + l;
        room = NAME(pack)(on->n_inputs, on->n_outputs, theta + on->weight, 1, on->n_inputs, room);
    }
    for (int64_t b = 0; b < p->n_rows; b += ROWS) {
        int64_t many = p->n_rows - b < ROWS ? p->n_rows - b : ROWS, place = s * p->n_rows + b;
        const T *in = (const T *)p->x + place * n_inputs, *panel = panels;
        for (int64_t l = 0; l < p->n_layers; l++) {
            const Layer *on = p->layers + l;
            T *kept = (T *)p->hidden[l], *out = room + (l & 1) * ROWS * widest;
            if (kept) out = kept + place * on->n_outputs;
            NAME(Product) whole = {
                many, on->n_outputs, on->n_inputs, in, on->n_inputs, 1, panel, out, on->n_outputs,
                on->bias < 0 ? 0 : theta + on->bias, (int)on->relu, 0,
            };
            NAME(product)(&whole);
            panel += NAME(packed)(on->n_inputs, on->n_outputs);
            in = out;
        }
    }
}

/* Column sums of s (n, width) in torch's order: of 16 rows, of 16 such sums, and so on. */
static void NAME(column_sums)(int64_t n, int64_t width, const T *s, T *restrict to) {
    int64_t power = 0;
    while (((int64_t)1 << power) < n) power++;
    power = power / LEVELS > 4 ? power / LEVELS : 4;
    int64_t step = (int64_t)1 << power;
    for (int64_t c = 0; c < width; c += LANES) {
        int64_t many = width - c < LANES ? width - c : LANES, i = 0;
        V sum[LEVELS] = {{0}};
        while (i < n) {
            int64_t end = i + step <= n ? i + step : n;
            for (int64_t whole = end - i == step; i < end; i++) {
                V row = {0};
                memcpy(&row, s + i * width + c, (size_t)many * sizeof(T));
                sum[0] += row;
                if (i + 1 < end || !whole) continue;
                for (int64_t l = 1; l < LEVELS; l++) {
                    sum[l] += sum[l - 1];
                    sum[l - 1] = (V){0};
                    if ((i + 1) & ((step - 1) << (l * power))) break;
                }
            }
        }
        for (int64_t l = 1; l < LEVELS; l++) sum[0] += sum[l];
        memcpy(to + c, &sum[0], (size_t)many * sizeof(T));
    }
}

/* The gradients of the weights of network r from the slope of its outputs for batch q, from the last
   layer on. */
static void NAME(backward)(const Pass *p, int64_t r, int64_t q) {
    const T *theta = (const T *)p->theta + r * p->n_columns;
    T *grad = (T *)p->grad + r * p->n_columns, *rooms = (T *)p->scratch;
    int64_t n = p->n_rows, widest = NAME(widest)(p);
    T *panels = rooms + 2 * n * widest, *s = (T *)p->slope;
    s += q * n * p->layers[p->n_layers - 1].n_outputs;
    for (int64_t l = p->n_layers - 1; l >= 0; l--) {
        const Layer *on = p->layers + l;
        int64_t inputs = on->n_inputs, outputs = on->n_outputs;
        const T *in = (const T *)(l ? p->hidden[l - 1] : p->x) + q * n * inputs;
        if (on->relu) {
            const T *out = (const T *)p->hidden[l] + q * n * outputs;
            for (int64_t i = 0; i < n * outputs; i++) s[i] = out[i] <= 0 ? 0 : s[i];
        }
        NAME(pack)(n, inputs, in, inputs, 1, panels);
        NAME(Product) weight = {
            outputs, inputs, n, s, 1, outputs, panels, grad + on->weight, inputs, 0, 0, 0,
        };
        NAME(product)(&weight);
        if (on->bias >= 0) NAME(column_sums)(n, outputs, s, grad + on->bias);
        if (!l && !p->below) return;
        T *down = l ? rooms + (l & 1) * n * widest : (T *)p->below + q * n * inputs;
        NAME(pack)(outputs, inputs, theta + on->weight, inputs, 1, panels);
        NAME(Product) below = {n, inputs, outputs, s, outputs, 1, panels, down, inputs, 0, 0, 0};
        NAME(product)(&below);
        s = down;
    }
}

void NAME(regsweep_forward)(const Pass *p, int64_t first, int64_t end, int64_t batch) {
    for (int64_t r = first; r < end; r++) NAME(forward)(p, r, batch + r - first);
}

void NAME(regsweep_backward)(const Pass *p, int64_t first, int64_t end, int64_t batch) {
    for (int64_t r = first; r < end; r++) NAME(backward)(p, r, batch + r - first);
}

#undef T
#undef V
#undef LANES
#undef WIDE
