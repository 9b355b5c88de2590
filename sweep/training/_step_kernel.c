/* The step of a population on a processor: penalties and optimizer, row after row, once through.

   What _adam, _momentum and the penalties do one torch operation after the other over all rows is
   done here chunk by chunk while its numbers are in the nearest cache. _step_program.h has what it is
   called with. */

#include "../runtime/_vectors.h"
#include "_step_program.h"

#define VERSION 5 /* one more after every change: _step_kernel.py wants the same */
#define CHUNK 256 /* numbers of a row that all operations see before the next ones */
/* Products of matrices fuse their sums: by gcc for a whole function, by clang within it. */
#if defined(__clang__)
#define FUSED_SUMS
#define FUSE_SUMS _Pragma("clang fp contract(fast)")
#else
#define FUSED_SUMS __attribute__((optimize("fp-contract=fast")))
#define FUSE_SUMS
#endif
#define MOST_ROOT_STEPS 60
#define NEAR_NORM 1e-6 /* added to a norm, as _clipping has it */

enum { NONE, ADAM, SGD };

/* Those from WHOLE on need the whole layer at once. */
enum {
    L2, L2_SP, DECAY, DECAY_INDEPENDENT, DECAY_CORRECTED, DECAY_CAUTIOUS, L1, ELASTIC_NET,
    WHOLE = 100, SPECTRAL = WHOLE, GROUP_LASSO, MAX_NORM, CPR, FIXED_NORM,
    ORTHOGONAL
};

#define NUMBER float
#define NAME(name) name##_f32
#define FMA fmaf
#define ROOT sqrtf
#include "_step_kernel.h"
#undef NUMBER
#undef NAME
#undef FMA
#undef ROOT

#define NUMBER double
#define NAME(name) name##_f64
#define FMA fma
#define ROOT sqrt
#include "_step_kernel.h"

int64_t regsweep_version(void) { return VERSION; }

#if defined(__x86_64__) && defined(__clang__)
#pragma clang attribute pop
#endif
