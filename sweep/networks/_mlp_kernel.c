/* Linear layers of many networks on a processor, one network after the other, forward and backward.

   What mlp does with one bmm over all networks after the other is done here for a network at a time,
   whose numbers stay in the nearest caches. _mlp_kernel.py fills the structures below, whose layouts
   stand there once more. */

#include "../runtime/_vectors.h"

#define VERSION 1 /* one more after every change: _mlp_kernel.py wants the same */
#define TALL 6    /* rows of a product that are summed side by side, each in two vectors */
#define ROWS 96   /* rows that go through all layers together */
#define LEVELS 4  /* partial sums of a column, as torch keeps them */

typedef struct { /* one linear layer, and whether a ReLU follows */
    int64_t n_inputs, n_outputs;
    int64_t weight, bias; /* columns where they begin; bias is -1 where there is none */
    int64_t relu;
} Layer;

typedef struct {
    const Layer *layers; int64_t n_layers;
    int64_t n_columns, n_rows; /* of a network's weights and of its batch */
    const void *theta; void *grad; /* (R, P) */
    const void *x; /* (R, B, n_inputs of the first) */
    void *const *hidden; /* by layer (R, B, n_outputs), or 0 where nobody needs them */
    void *slope; /* (R, B, n_outputs of the last), changed by its ReLU */
    void *below; /* (R, B, n_inputs of the first), or 0 */
    void *scratch; /* as much as _mlp_kernel.py makes */
} Pass;

#define NUMBER float
#define NAME(name) name##_f32
#include "_mlp_kernel.h"
#undef NUMBER
#undef NAME

#define NUMBER double
#define NAME(name) name##_f64
#include "_mlp_kernel.h"

int64_t regsweep_version(void) { return VERSION; }

#if defined(__x86_64__) && defined(__clang__)
#pragma clang attribute pop
#endif
