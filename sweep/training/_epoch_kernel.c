/* All steps of an epoch on a processor, one network after the other.

   Weights and moments of a small network lie in a core's second cache; taken through all of its
   steps at once, they stay there, and Python is left once for all of them. The functions of a step
   are those that a population's step calls for all networks, so every bit is the same.
   _epoch_kernel.py fills the structures below, whose layouts stand there once more. */

#include "../runtime/_vectors.h"
#include "_step_program.h"

typedef void Layers(const void *pass, int64_t first, int64_t end, int64_t batch);
typedef void Loss(int64_t kind, int64_t n_networks, int64_t n_rows, int64_t width,
                  const void *outputs, const void *targets, const void *weights, void *slopes,
                  void *losses);
typedef void Update(const Program *, int64_t first, int64_t end);

typedef struct { /* consecutive layers, and the dropout that follows them */
    const void *pass; /* of one batch, and of the weights and gradients of all networks */
    Layers *forward, *backward;
    void *outputs, *slope; /* of the batch, and the gradient by them */
    int64_t n_dropped; /* numbers of the outputs, or 0 where none is dropped */
    int64_t channels, pixels; /* 1 where the outputs lie in torch's order: else a row's lie as
                                 (pixels, channels), and torch's the other way */
    const int64_t *thresholds; const void *kept; /* (R,): what bits are kept from, and its factor */
    void *mask; /* of one network */
} Part;

typedef struct {
    int64_t n_steps, n_slots, accumulate; /* K batches, of which so many make a step */
    int64_t n_rows, n_outputs; /* of a batch, and of a row */
    const int64_t *rows; /* (K, R, B) */
    const void *x, *y; /* all rows (N, x_size) and (N, y_size) */
    int64_t x_size, y_size, classes; /* whether targets are whole numbers (N,) */
    const void *weights; /* of all rows (N,), or 0 */
    void *x_batch, *y_batch, *weight_batch; /* of one network */
    const void *smoothing, *shares; /* (R,) and mixup's (K, R), or 0 */
    const void *deviations, *quantiles; const uint32_t *input_keys; /* (R,), (K, R) for noise, or 0 */
    const uint32_t *keys; /* (K, R) for dropout */
    const Part *parts; int64_t n_parts;
    int64_t loss_kind; Loss *loss;
    void *total; /* (R,) */
    const Program *program; Update *update;
    int64_t lr_stride, rate_stride; /* from one step to the next */
    float *counts; /* (R,) of steps, or 0 */
    const void *acting; /* whether penalties do (K, R), or 0 */
    void *gathered; /* (P,): the gradient of a step so far */
    void *average; const void *averaging; /* the means of weights (R, P) and shares (K, R), or 0 */
} Epoch;

/* Of counter_rng, in unsigned numbers. */
#define POSITION 0x9E3779B1u
#define CALL 0x85EBCA77u

static inline uint32_t hashed(uint32_t position, uint32_t key) {
    uint32_t x = position * POSITION + key;
    x = (x ^ (x >> 16)) * 0x7FEB352Du;
    x = (x ^ (x >> 15)) * 0x846CA68Bu;
    return x ^ (x >> 16);
}

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
