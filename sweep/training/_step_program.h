/* What happens to the rows of a population in a step. _step_kernel.py has the same layouts once more,
   field by field. */

typedef struct { /* one penalty on one layer of the rows from first_row to end_row */
    int64_t kind, first_row, end_row;
    const void *strength; int64_t strength_stride;
    const void *number; /* l1_share or rate */
    void *memory; int64_t memory_stride;
    void *memory2;
    const void *base_lr; int64_t base_lr_stride;
    int64_t n_units, unit_size, scale_invariant, always;
} Action;

typedef struct { /* columns with the same actions */
    int64_t start, stop;
    const Action *before; int64_t n_before;
    const Action *after; int64_t n_after;
} Stretch;

typedef struct Program {
    int64_t optimizer, nesterov, follows, n_columns;
    void *theta, *grad, *first, *second, *largest;
    const void *lr, *momentum;
    const double *rates, *numbers; /* (R,) and (R, 3): beta1, beta2, eps */
    const float *n_steps;
    const Stretch *stretches; int64_t n_stretches;
    void *scratch; /* as much as kernel_update makes */
    double tiny, near, largest_number;
    const struct Program *gradients; /* what comes before gradients are clipped, or 0 */
    const void *clip_norm, *clip_value; /* (R,), or 0 */
    const void *acting; /* what strengths are multiplied by (R,), or 0 */
} Program;
