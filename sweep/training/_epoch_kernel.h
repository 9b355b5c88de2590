/* The steps of an epoch for one type of number: included by _epoch_kernel.c with NUMBER, NAME, FMA. */

typedef NUMBER NAME(number);
#define T NAME(number)

static T NAME(at)(const void *numbers, int64_t place) { return ((const T *)numbers)[place]; }

static void NAME(gather)(const T *from, int64_t size, const int64_t *rows, int64_t n, T *to) {
    for (int64_t i = 0; i < n; i++, to += size) memcpy(to, from + rows[i] * size, (size_t)size * sizeof(T));
}

/* The targets of a batch: whole numbers, or numbers that may be smoothed (Szegedy et al. 2016). */
static void NAME(targets)(const Epoch *e, int64_t row, const int64_t *rows, int64_t n) {
    if (e->classes) {
        for (int64_t i = 0; i < n; i++) ((int64_t *)e->y_batch)[i] = ((const int64_t *)e->y)[rows[i]];
        return;
    }
    T *y = e->y_batch;
    NAME(gather)(e->y, e->y_size, rows, n, y);
    if (!e->smoothing) return;
    T share = NAME(at)(e->smoothing, row), kept = 1 - share, each = share / (T)e->y_size;
    for (int64_t i = 0; i < n * e->y_size; i++) y[i] = y[i] * kept + each;
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

static void NAME(network)(const Epoch *e, int64_t row) {
    Pass pass = *e->pass;
    int64_t last = pass.n_layers - 1, width = pass.layers[last].n_outputs, n = pass.n_rows;
    pass.theta = (const T *)pass.theta + row * pass.n_columns;
    pass.grad = (T *)pass.grad + row * pass.n_columns;
    for (int64_t k = 0; k < e->n_steps; k++) {
        int64_t place = k * e->n_slots + row;
        const int64_t *rows = e->rows + place * n;
        T loss;
        NAME(gather)(e->x, e->x_size, rows, n, e->x_batch);
        NAME(targets)(e, row, rows, n);
        e->forward(&pass, 0, 1);
        e->loss(e->loss_kind, 1, n, width, pass.hidden[last], e->y_batch, pass.slope, &loss);
        ((T *)e->total)[row] += loss;
        e->backward(&pass, 0, 1);
        Program program = *e->program;
        program.lr = (const T *)program.lr + k * e->lr_stride;
        if (program.rates) program.rates += k * e->rate_stride;
        if (e->counts) e->counts[row] += 1;
        e->update(&program, row, row + 1);
        if (e->average) NAME(take_average)(e, row, NAME(at)(e->averaging, place));
    }
}

void NAME(regsweep_epoch)(const Epoch *e, int64_t first, int64_t end) {
    for (int64_t row = first; row < end; row++) NAME(network)(e, row);
}

#undef T
