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
    int64_t n_steps, n_slots;
    const int64_t *rows; /* (K, R, B) */
    const void *x, *y; /* all rows (N, x_size) and (N, y_size) */
    int64_t x_size, y_size, classes; /* whether targets are whole numbers (N,) */
    void *x_batch, *y_batch; /* of one network */
    const void *smoothing; /* (R,), or 0 */
    const Pass *pass; /* of one network, with the weights and gradients of the first */
    Layers *forward, *backward;
    int64_t loss_kind; Loss *loss;
    void *total; /* (R,) */
    const Program *program; Update *update;
    int64_t lr_stride, rate_stride; /* from one step to the next */
    float *counts; /* (R,) of steps, or 0 */
    void *average; const void *averaging; /* the means of weights (R, P) and shares (K, R), or 0 */
} Epoch;

#define NUMBER float
#define NAME(name) name##_f32
#define FMA fmaf
#include "_epoch_kernel.h"
#undef NUMBER
#undef NAME
#undef FMA

#define NUMBER double
#define NAME(name) name##_f64
#define FMA fma
#include "_epoch_kernel.h"

#if defined(__x86_64__) && defined(__clang__)
#pragma clang attribute pop
#endif
