/* Losses of batches of small networks on a processor, and their gradients by the outputs.
   _loss_kernel.py calls them. */

#include "../runtime/_vectors.h"

#define VERSION 3 /* one more after every change: _loss_kernel.py wants the same */

enum { CROSS_ENTROPY, SQUARED_ERROR, CROSS_ENTROPY_OF_SHARES, BINARY, BINARY_OF_SHARES };

#define NUMBER float
#define NAME(name) name##_f32
#define EXP expf
#include "_loss_kernel.h"
#undef NUMBER
#undef NAME
#undef EXP

#define NUMBER double
#define NAME(name) name##_f64
#define EXP exp
#include "_loss_kernel.h"

int64_t regsweep_version(void) { return VERSION; }

#if defined(__x86_64__) && defined(__clang__)
#pragma clang attribute pop
#endif
