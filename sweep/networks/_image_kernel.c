/* Layers of networks on images (convolutions, norms, pools, linear layers) on a processor, one
   network after the other, forward and backward.

   Between layers the channels of a pixel lie side by side. A linear layer is a convolution of images
   of one pixel. _image_pass.h has what is called with. */

#include "../runtime/_vectors.h"
#include "_image_pass.h"

enum { CONVOLUTION, NORM, MAX_POOL, AVERAGE_POOL, TO_PIXELS, TO_CHANNELS, ROW_NORM };

#define NEAR 12288   /* numbers of patches that are multiplied together */
#define TOGETHER 8   /* images that go through all layers together where nothing is trained */
#define BLOCK 32     /* pixels whose numbers are added before they join the rest */

#define NUMBER float
#define NAME(name) name##_f32
#include "_image_kernel.h"
#undef NUMBER
#undef NAME

#define NUMBER double
#define NAME(name) name##_f64
#include "_image_kernel.h"

#if defined(__x86_64__) && defined(__clang__)
#pragma clang attribute pop
#endif
