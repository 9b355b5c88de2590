/* All steps of an epoch on a processor, one network after the other.

   Weights and moments of a small network lie in a core's second cache; taken through all of its
   steps at once, they stay there, and Python is left once for all of them. The functions of a step
   are those that a population's step calls for all networks, so every bit is the same.
   _epoch_kernel.py fills the structure below, whose layout stands there once more. */

#include "../runtime/_vectors.h"
#include "../networks/_mlp_pass.h"
#include "_step_program.h"

typedef void Layers(const Pass *, int64_t first, int64_t end);
typedef void Loss(int64_t kind, int64_t n_networks, int64_t n_rows, int64_t width,
                  const void *outputs, const void *targets, void *slopes, void *losses);
typedef void Update(const Program *, int64_t first, int64_t end);

typedef struct {
    int64_t n_steps, n_slots, number_bytes;
    const int64_t *rows; /* (K, R, B) */
    const char *x, *y; int64_t x_bytes, y_bytes; /* all rows, and the size of one */
    char *x_batch, *y_batch; /* of one network */
    const Pass *pass; /* of one network, with the weights and gradients of the first */
    Layers *forward, *backward;
    int64_t loss_kind; Loss *loss;
    void *total; /* (R,) */
    const Program *program; Update *update;
    int64_t lr_stride, rate_stride; /* from one step to the next */
    float *counts; /* (R,) of steps, or 0 */
} Epoch;

static void gather(const char *from, int64_t bytes, const int64_t *rows, int64_t n, char *to) {
    for (int64_t i = 0; i < n; i++, to += bytes) memcpy(to, from + rows[i] * bytes, (size_t)bytes);
}

static void add(void *total, int64_t row, const void *loss, int64_t number_bytes) {
    if (number_bytes == sizeof(float)) ((float *)total)[row] += *(const float *)loss;
    else ((double *)total)[row] += *(const double *)loss;
}

static void network(const Epoch *e, int64_t row) {
    Pass pass = *e->pass;
    int64_t last = pass.n_layers - 1, width = pass.layers[last].n_outputs;
    int64_t begin = row * pass.n_columns * e->number_bytes;
    pass.theta = (const char *)pass.theta + begin;
    pass.grad = (char *)pass.grad + begin;
    for (int64_t k = 0; k < e->n_steps; k++) {
        const int64_t *rows = e->rows + (k * e->n_slots + row) * pass.n_rows;
        double loss;
        gather(e->x, e->x_bytes, rows, pass.n_rows, e->x_batch);
        gather(e->y, e->y_bytes, rows, pass.n_rows, e->y_batch);
        e->forward(&pass, 0, 1);
        e->loss(e->loss_kind, 1, pass.n_rows, width, pass.hidden[last], e->y_batch, pass.slope, &loss);
        add(e->total, row, &loss, e->number_bytes);
        e->backward(&pass, 0, 1);
        Program program = *e->program;
        program.lr = (const char *)program.lr + k * e->lr_stride * e->number_bytes;
        if (program.rates) program.rates += k * e->rate_stride;
        if (e->counts) e->counts[row] += 1;
        e->update(&program, row, row + 1);
    }
}

void regsweep_epoch(const Epoch *e, int64_t first, int64_t end) {
    for (int64_t row = first; row < end; row++) network(e, row);
}

#if defined(__x86_64__) && defined(__clang__)
#pragma clang attribute pop
#endif
