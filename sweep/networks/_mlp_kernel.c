/* Linear layers of many networks on a processor, one network after the other, forward and backward.

   What mlp does with one bmm over all networks after the other is done here for a network at a time,
   whose numbers stay in the nearest caches. _mlp_pass.h has what it is called with. */

#include "../runtime/_vectors.h"
#include "_mlp_pass.h"

#define VERSION 3 /* one more after every change: _mlp_kernel.py wants the same */
#define ROWS 96   /* rows that go through all layers together */
#define LEVELS 4  /* partial sums of a column, as torch keeps them */

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
