/* What goes forward and backward through the layers of networks on images. _image_kernel.py has the
   same layouts once more, field by field. */

typedef struct { int64_t height, width, channels; } Shape;

typedef struct { /* one layer, and whether a ReLU follows */
    int64_t kind;
    Shape in, out;
    int64_t kernel_height, kernel_width, stride_height, stride_width, top, left; /* of the padding */
    int64_t weight, bias; /* columns where they begin; -1 where there are none */
    int64_t relu;
    void *mean, *variance; int64_t *counts; /* of a norm: (R, channels) and (R,), as they run */
    double momentum, eps; /* momentum is -1 for the mean of all batches */
    void *moments; /* of a norm, in training: (R, 2, channels); of a norm of rows: (R, B, 2) */
} ImageLayer;

typedef struct {
    const ImageLayer *layers; int64_t n_layers;
    int64_t lowest; /* the first layer that has weights */
    int64_t n_columns, n_rows; /* of a network's weights and of its batch */
    int64_t training;
    const void *theta; void *grad; /* (R, P) */
    const void *x; /* (R, B, inputs of the first) */
    void *const *hidden; /* by layer (R, B, height, width, channels); of none but the last without
                            training */
    void *slope; /* (R, B, outputs of the last), changed */
    void *below; /* (R, B, inputs of the first), or 0 */
    void *scratch; /* as much as _image_kernel.py makes */
} ImagePass;
