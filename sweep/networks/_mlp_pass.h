/* What goes forward and backward through the layers of networks. _mlp_kernel.py has the same layouts
   once more, field by field. */

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
