/* The steps of an epoch for one type of number: included by _epoch_kernel.c with NUMBER, NAME, FMA.

   What changes rows, targets and hidden numbers rounds where the torch operations that it stands for
   do. */

typedef NUMBER NAME(number);
#define T NAME(number)

static T NAME(at)(const void *numbers, int64_t place) { return ((const T *)numbers)[place]; }

/* ---- the batch ----------------------------------------------------------------------------- */

static void NAME(gather)(const T *from, int64_t size, const int64_t *rows, int64_t n, T *to) {
    for (int64_t i = 0; i < n; i++, to += size) memcpy(to, from + rows[i] * size, (size_t)size * sizeof(T));
}

/* Every row and the one before it in the batch (Zhang et al. 2018). */
static void NAME(mix)(const T *from, int64_t size, const int64_t *rows, int64_t n, T share, T *to) {
    for (int64_t i = 0; i < n; i++, to += size) {
        const T *own = from + rows[i] * size, *other = from + rows[i ? i - 1 : n - 1] * size;
        for (int64_t c = 0; c < size; c++) to[c] = own[c] * share + other[c] * (1 - share);
    }
}

/* Adds normal numbers, looked up by 16 bits of the hash: see counter_rng.hashed_normal. */
static void NAME(add_noise)(const Epoch *e, uint32_t key, T deviation, int64_t n, T *x) {
    const T *quantiles = e->quantiles;
    for (int64_t i = 0; i < n; i += 2) {
        uint32_t bits = hashed((uint32_t)(i / 2), key);
        x[i] += quantiles[(bits & 0xFFFF) ^ 0x8000] * deviation;
        if (i + 1 < n) x[i + 1] += quantiles[(bits >> 16) ^ 0x8000] * deviation;
    }
}

static void NAME(fill_x)(const Epoch *e, int64_t row, int64_t place, const int64_t *rows, int64_t n) {
    if (e->shares) NAME(mix)(e->x, e->x_size, rows, n, NAME(at)(e->shares, place), e->x_batch);
    else NAME(gather)(e->x, e->x_size, rows, n, e->x_batch);
    if (e->deviations)
        NAME(add_noise)(e, e->input_keys[place], NAME(at)(e->deviations, row), n * e->x_size, e->x_batch);
}

/* Targets are whole numbers, or numbers that may be mixed and smoothed (Szegedy et al. 2016). */
static void NAME(fill_y)(const Epoch *e, int64_t row, int64_t place, const int64_t *rows, int64_t n) {
    T *y = e->y_batch;
    if (e->classes) {
        for (int64_t i = 0; i < n; i++) ((int64_t *)e->y_batch)[i] = ((const int64_t *)e->y)[rows[i]];
        return;
    }
    if (e->shares) NAME(mix)(e->y, e->y_size, rows, n, NAME(at)(e->shares, place), y);
    else NAME(gather)(e->y, e->y_size, rows, n, y);
    if (!e->smoothing) return;
    T share = NAME(at)(e->smoothing, row), kept = 1 - share, each = share / (T)e->y_size;
    for (int64_t i = 0; i < n * e->y_size; i++) y[i] = y[i] * kept + each;
}

/* ---- the layers ---------------------------------------------------------------------------- */

/* What is kept of a part's outputs, and by how much it grows (Srivastava et al. 2014). */
static void NAME(draw_mask)(const Part *part, int64_t row, uint32_t key, uint32_t call) {
    T *restrict mask = part->mask, kept = NAME(at)(part->kept, row);
    int64_t threshold = part->thresholds[row];
    int32_t from = threshold > INT32_MAX ? INT32_MAX : (int32_t)threshold;
    int64_t channels = part->channels, pixels = part->pixels, size = channels * pixels;
    key += call * CALL;
    for (int64_t i = 0; i < part->n_dropped && channels == 1; i++)
        mask[i] = (int32_t)hashed((uint32_t)i, key) >= from ? kept : 0;
    for (int64_t i = 0; i < part->n_dropped && channels > 1; i++) {
        int64_t place = i / size * size + i % channels * pixels + i % size / channels;
        mask[i] = (int32_t)hashed((uint32_t)place, key) >= from ? kept : 0;
    }
    if (threshold > INT32_MAX) memset(mask, 0, (size_t)part->n_dropped * sizeof(T));
}

static void NAME(times)(int64_t n, const T *restrict mask, T *restrict to) {
    for (int64_t i = 0; i < n; i++) to[i] *= mask[i];
}

static void NAME(forward)(const Epoch *e, int64_t row, int64_t place) {
    uint32_t calls = 0;
    for (const Part *part = e->parts; part < e->parts + e->n_parts; part++) {
        part->forward(part->pass, row, row + 1, 0);
        if (!part->n_dropped) continue;
        NAME(draw_mask)(part, row, e->keys[place], calls++);
        NAME(times)(part->n_dropped, part->mask, part->outputs);
    }
}

static void NAME(backward)(const Epoch *e, int64_t row) {
    for (const Part *part = e->parts + e->n_parts - 1; part >= e->parts; part--) {
        if (part->n_dropped) NAME(times)(part->n_dropped, part->mask, part->slope);
        part->backward(part->pass, row, row + 1, 0);
    }
}

/* ---- the weights --------------------------------------------------------------------------- */

/* Adds a batch's share to the gradient of its step; whether it is the last of them. */
static int NAME(completes)(const Epoch *e, int64_t row, int64_t k) {
    int64_t n = e->program->n_columns, which = k % e->accumulate;
    T *restrict grad = (T *)e->program->grad + row * n, *restrict sum = e->gathered;
    T share = (T)(1 / (double)e->accumulate);
    if (e->accumulate == 1) return 1;
    if (!which) memset(sum, 0, (size_t)n * sizeof(T));
    for (int64_t i = 0; i < n; i++) sum[i] = FMA(share, grad[i], sum[i]);
    if (which + 1 < e->accumulate) return 0;
    memcpy(grad, sum, (size_t)n * sizeof(T));
    return 1;
}

/* Moves the mean of a network's weights by a share towards them, as torch's lerp does. */
static void NAME(take_average)(const Epoch *e, int64_t row, T share) {
    int64_t n = e->program->n_columns;
    const T *restrict w = (const T *)e->program->theta + row * n;
    T *restrict mean = (T *)e->average + row * n;
    if (share < (T)0.5)
        for (int64_t i = 0; i < n; i++) mean[i] = FMA(share, w[i] - mean[i], mean[i]);
    else
        for (int64_t i = 0; i < n; i++) mean[i] = FMA(share - 1, w[i] - mean[i], w[i]);
}

/* The step that batch k completes; place is that of its numbers. */
static void NAME(update)(const Epoch *e, int64_t row, int64_t k, int64_t place) {
    Program program = *e->program;
    program.lr = (const T *)program.lr + k * e->lr_stride;
    if (e->acting) program.acting = (const T *)e->acting + k * e->n_slots;
    if (program.rates) program.rates += k / e->accumulate * e->rate_stride;
    if (e->counts) e->counts[row] += 1;
    e->update(&program, row, row + 1);
    if (e->average) NAME(take_average)(e, row, NAME(at)(e->averaging, place));
}

static void NAME(network)(const Epoch *e, int64_t row) {
    const Part *last = e->parts + e->n_parts - 1;
    int64_t n = e->n_rows;
    for (int64_t k = 0; k < e->n_steps; k++) {
        int64_t place = k * e->n_slots + row;
        const int64_t *rows = e->rows + place * n;
        T loss;
        NAME(fill_x)(e, row, place, rows, n);
        NAME(fill_y)(e, row, place, rows, n);
        NAME(forward)(e, row, place);
        if (e->weights) NAME(gather)(e->weights, 1, rows, n, e->weight_batch);
        e->loss(e->loss_kind, 1, n, e->n_outputs, last->outputs, e->y_batch,
                e->weights ? e->weight_batch : 0, last->slope, &loss);
        ((T *)e->total)[row] += loss;
        NAME(backward)(e, row);
        if (NAME(completes)(e, row, k)) NAME(update)(e, row, k, place);
    }
}

void NAME(regsweep_epoch)(const Epoch *e, int64_t first, int64_t end) {
    for (int64_t row = first; row < end; row++) NAME(network)(e, row);
}

#undef T
