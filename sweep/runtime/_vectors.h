/* What the libraries in C start with: vectors of gcc and clang in C of 1999, and the language's own
   headers. On x86-64 AVX2 is asked for by name, and not this machine's own instructions: an image
   may move to another machine. */

#include <math.h>
#include <stdint.h>
#include <string.h>

#if !defined(__x86_64__) && !defined(__aarch64__)
#error "written for processors with fused multiply-adds: elsewhere torch computes the step"
#endif
#if defined(__x86_64__) && defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#elif defined(__x86_64__)
#pragma GCC target("avx2,fma")
#endif
