/* The step of rows for one type of number: included by _step_kernel.c with NUMBER, NAME, FMA, ROOT.

   Every formula rounds where the torch operations that it stands for do: a product that goes into a
   sum is fused (FMA) where torch fuses it, and nowhere else. Sums over units and layers stand
   in _step_matrices.h. */

typedef NUMBER NAME(number);
#define T NAME(number)

typedef NUMBER NAME(lanes) __attribute__((vector_size(32), aligned(sizeof(NUMBER)), may_alias));
#define V NAME(lanes)
#define LANES ((int64_t)(sizeof(V) / sizeof(T)))

static T NAME(at)(const void *numbers, int64_t place) { return ((const T *)numbers)[place]; }

static T NAME(strength)(const Program *p, const Action *on, int64_t row) {
    T whole = NAME(at)(on->strength, (row - on->first_row) * on->strength_stride);
    return p->acting ? whole * NAME(at)(p->acting, row) : whole;
}

static T *NAME(memory)(const Action *on, int64_t row) {
    return (T *)on->memory + (row - on->first_row) * on->memory_stride;
}

#include "_step_matrices.h"

static void NAME(scale)(int64_t n, T *restrict w, T factor) {
    for (int64_t i = 0; i < n; i++) w[i] *= factor;
}

/* ---- before the optimizer ------------------------------------------------------------------ */

/* g + 2 s w, or g + 2 s (w - w0) */
static void NAME(add_l2)(int64_t n, const T *restrict w, T *restrict g, T s) {
    for (int64_t i = 0; i < n; i++) g[i] = FMA(2 * w[i], s, g[i]);
}

static void NAME(add_l2_sp)(int64_t n, const T *restrict w, const T *restrict start,
                            T *restrict g, T s) {
    for (int64_t i = 0; i < n; i++) g[i] = FMA(2 * (w[i] - start[i]), s, g[i]);
}

static T NAME(decay_factor)(const Action *on, int64_t row, T lr, T s) {
    T base = on->base_lr ? NAME(at)(on->base_lr, (row - on->first_row) * on->base_lr_stride) : 0;
    if (on->kind == DECAY_INDEPENDENT) return 1 - lr / base * s;
    if (on->kind == DECAY_CORRECTED && on->scale_invariant) return 1 - lr * lr / base * s;
    return 1 - lr * s;
}

/* ---- the optimizer ------------------------------------------------------------------------- */

typedef struct {
    T share, part, beta2, part2, step, root, eps; /* Adam's, of one row */
    int moves_little;                             /* the mean, by less than half of the way */
    T lr, momentum;                               /* SGD's */
    T size, size_eps; /* step sizes: size, or size / (sqrt(v) + size_eps) */
} NAME(Row);

/* Torch's fused Adam; roots gets those of the mean squares. */
static inline void NAME(adam)(int64_t n, T *restrict w, const T *restrict g, T *restrict m,
                              T *restrict v, T *restrict largest, T *restrict roots, NAME(Row) of,
                              int amsgrad, int moves_little) {
    for (int64_t i = 0; i < n; i++) {
        T mean = m[i], square = FMA(of.part2 * g[i], g[i], v[i] * of.beta2), by = g[i] - mean;
        mean = moves_little ? FMA(of.share, by, mean) : FMA(of.share - 1, by, g[i]);
        m[i] = mean;
        v[i] = square;
        if (amsgrad) {
            T most = largest[i];
            square = square > most || square != square ? square : most;
            largest[i] = square;
        }
        T root = ROOT(square);
        roots[i] = root;
        w[i] -= of.step * mean / (root / of.root + of.eps);
    }
}

static void NAME(adam_of)(int64_t n, T *w, const T *g, T *m, T *v, T *largest, T *roots,
                          NAME(Row) of) {
    if (largest && of.moves_little) NAME(adam)(n, w, g, m, v, largest, roots, of, 1, 1);
    else if (largest) NAME(adam)(n, w, g, m, v, largest, roots, of, 1, 0);
    else if (of.moves_little) NAME(adam)(n, w, g, m, v, 0, roots, of, 0, 1);
    else NAME(adam)(n, w, g, m, v, 0, roots, of, 0, 0);
}

static void NAME(sgd)(int64_t n, T *restrict w, const T *restrict g, T *restrict buffer,
                      int nesterov, NAME(Row) of) {
    for (int64_t i = 0; i < n; i++) buffer[i] = FMA(buffer[i], of.momentum, g[i]);
    if (nesterov)
        for (int64_t i = 0; i < n; i++)
            w[i] = FMA(-FMA(buffer[i], of.momentum, g[i]), of.lr, w[i]);
    else
        for (int64_t i = 0; i < n; i++) w[i] = FMA(-buffer[i], of.lr, w[i]);
}

/* ---- after it ------------------------------------------------------------------------------ */

static void NAME(cautious)(int64_t n, T *restrict w, const T *restrict before, T shrink) {
    for (int64_t i = 0; i < n; i++) {
        T by = before[i] * shrink;
        w[i] -= (w[i] - before[i]) * before[i] <= 0 ? by : 0;
    }
}

static T NAME(clamp)(T x, T bound) {
    x = x < -bound ? -bound : x;
    return x > bound ? bound : x;
}

/* The inverse of an inverse, as torch has the root for step sizes from a quicker operation. */
#define STEP_SIZE(root) (of.size / (1 / (1 / (root)) + of.size_eps))

static void NAME(l1)(int64_t n, T *restrict w, const T *restrict roots, T s, NAME(Row) of) {
    if (roots)
        for (int64_t i = 0; i < n; i++) w[i] -= NAME(clamp)(w[i], STEP_SIZE(roots[i]) * s);
    else
        for (int64_t i = 0; i < n; i++) w[i] -= NAME(clamp)(w[i], of.size * s);
}

static void NAME(elastic_net)(int64_t n, T *restrict w, const T *restrict roots, T first, T second,
                              NAME(Row) of) {
    for (int64_t i = 0; i < n; i++) {
        T size = roots ? STEP_SIZE(roots[i]) : of.size;
        w[i] = (w[i] - NAME(clamp)(w[i], size * first)) / (size * second + 1);
    }
}

/* sqrt(h) and the rest of Newton's step for one unit: see _units.unit_norm_after_prox. */
static T NAME(norm_after_prox)(int64_t n, const T *restrict w, const T *restrict pull, T found,
                               T near, T largest_number) {
    for (int step = 0; step < MOST_ROOT_STEPS; step++) {
        V h_lanes = {0}, slope_lanes = {0};
        for (int64_t i = 0; i < n; i += LANES) {
            V inverse = (T)1 / (found + *(const V *)(pull + i));
            V square = *(const V *)(w + i) * inverse;
            square *= square;
            h_lanes += square;
            slope_lanes += square * inverse;
        }
        T h = NAME(total)(h_lanes), slope = NAME(total)(slope_lanes);
        T ahead = (ROOT(h) - 1) * h / slope + found;
        if (!(ahead > 0) || ahead > largest_number) ahead = 0;
        if (ahead == 0 && (found > 0 || h > largest_number)) {
            T most = 0;
            for (int64_t i = 0; i < n; i++) most = pull[i] > most ? pull[i] : most;
            ahead = ROOT(NAME(square_sum)(n, w)) - most;
            if (!(ahead > 0)) ahead = 0;
        }
        T moved = ahead > found ? ahead - found : found - ahead;
        found = ahead;
        if (!(moved > near * ahead)) break;
    }
    return found;
}

/* Units are brought to whole lanes by weights of 0, which leave their norm as it is. */
static void NAME(group_lasso)(const Program *p, const Action *on, T *w, const T *v, T *norms,
                              T s, NAME(Row) of) {
    int64_t size = on->unit_size, wide = (size + LANES - 1) / LANES * LANES;
    T each = s * (T)sqrt((double)size), *restrict pull = (T *)p->scratch, *unit = pull + wide;
    T tiny = (T)p->tiny, near = (T)p->near, largest_number = (T)p->largest_number;
    for (int64_t u = 0; u < on->n_units; u++, w += size) {
        if (!v) {
            T norm = ROOT(NAME(square_sum)(size, w)), whole = of.size * each;
            NAME(scale)(size, w, norm > whole ? 1 - whole / norm : (T)(whole <= 0));
            continue;
        }
        for (int64_t i = 0; i < size; i++) {
            T one = STEP_SIZE(ROOT(v[u * size + i])) * each;
            pull[i] = one < tiny ? tiny : one;
            unit[i] = w[i];
        }
        for (int64_t i = size; i < wide; i++) pull[i] = tiny, unit[i] = 0;
        T norm = NAME(norm_after_prox)(wide, unit, pull, norms[u], near, largest_number);
        norms[u] = norm;
        for (int64_t i = 0; i < size; i++) w[i] *= 1 / (pull[i] + norm) * norm;
    }
}

static void NAME(max_norm)(const Action *on, T *w, T s) {
    int64_t size = on->unit_size;
    for (int64_t u = 0; u < on->n_units; u++, w += size) {
        T beyond = ROOT(NAME(square_sum)(size, w)) * s;
        if (!(beyond <= 1)) NAME(scale)(size, w, 1 / beyond);
    }
}

static void NAME(cpr)(const Program *p, const Action *on, int64_t row, int64_t n, T *w, T s) {
    T *multiplier = (T *)on->memory2 + (row - on->first_row);
    if (s == 0) {
        *multiplier = 0;
        return;
    }
    T rate = NAME(at)(on->number, row - on->first_row);
    T beyond = (NAME(square_sum)(n, w) - *NAME(memory)(on, row) / s) / (T)n;
    T l = *multiplier + rate * beyond, most = (T)p->largest_number;
    l = l > 0 ? (l > most ? most : l) : 0;
    *multiplier = l;
    T factor = 1 - 2 * l;
    if (l != 0) NAME(scale)(n, w, factor < 0 ? 0 : factor);
}

static void NAME(fixed_norm)(int64_t n, T *w, T norm, T tiny) {
    T now = ROOT(NAME(square_sum)(n, w));
    NAME(scale)(n, w, norm / (now < tiny ? tiny : now));
}

/* ---- a row --------------------------------------------------------------------------------- */

static void NAME(act_before)(const Program *p, const Action *on, int64_t row, int64_t from,
                             int64_t n, T *w, T *g, T lr) {
    T s = NAME(strength)(p, on, row);
    if (on->kind == SPECTRAL) {
        if (s != 0 || on->always)
            NAME(add_spectral)(on->n_units, on->unit_size, w, g, NAME(memory)(on, row),
                               (T *)p->scratch, s, (T)p->tiny);
        return;
    }
    if (s == 0) return;
    if (on->kind == ORTHOGONAL)
        NAME(add_orthogonal)(on->n_units, on->unit_size, w, g, (T *)p->scratch, s);
    else if (on->kind == L2) NAME(add_l2)(n, w, g, s);
    else if (on->kind == L2_SP) NAME(add_l2_sp)(n, w, NAME(memory)(on, row) + from, g, s);
    else NAME(scale)(n, w, NAME(decay_factor)(on, row, lr, s));
}

/* Under Adam metric has the roots of the mean squares, or, for whole layers, the squares. */
static void NAME(act_after)(const Program *p, const Action *on, int64_t row, int64_t n, T *w,
                            const T *metric, const T *before, T lr, NAME(Row) of) {
    T s = NAME(strength)(p, on, row);
    if (on->kind == CPR) NAME(cpr)(p, on, row, n, w, s);
    if (s == 0) return;
    if (on->kind == DECAY_CAUTIOUS) NAME(cautious)(n, w, before, lr * s);
    else if (on->kind == L1) NAME(l1)(n, w, metric, s, of);
    else if (on->kind == ELASTIC_NET) {
        T share = NAME(at)(on->number, row - on->first_row);
        NAME(elastic_net)(n, w, metric, s * share, 2 * s * (1 - share), of);
    } else if (on->kind == GROUP_LASSO)
        NAME(group_lasso)(p, on, w, metric, NAME(memory)(on, row), s, of);
    else if (on->kind == MAX_NORM) NAME(max_norm)(on, w, s);
    else if (on->kind == FIXED_NORM)
        NAME(fixed_norm)(n, w, *NAME(memory)(on, row), (T)p->tiny);
}

static int NAME(acts)(const Action *on, int64_t row) {
    return row >= on->first_row && row < on->end_row;
}

static void NAME(stretch)(const Program *p, const Stretch *on, int64_t row, NAME(Row) of) {
    int64_t offset = row * p->n_columns + on->start, n = on->stop - on->start;
    T *w = (T *)p->theta + offset, *g = (T *)p->grad + offset, lr = of.lr;
    T *first = (T *)p->first + offset, *second = p->second ? (T *)p->second + offset : 0;
    T *largest = p->largest ? (T *)p->largest + offset : 0, *divisors = largest ? largest : second;
    const Action *before = on->before, *after = on->after;
    int64_t n_before = on->n_before, n_after = 0;
    for (int64_t j = 0; j < n_before; j++)
        if (before[j].kind >= WHOLE) { /* all in their order, over the whole stretch */
            for (int64_t k = 0; k < on->n_before; k++)
                if (NAME(acts)(before + k, row))
                    NAME(act_before)(p, before + k, row, 0, n, w, g, lr);
            n_before = 0;
        }
    while (n_after < on->n_after && (after[n_after].kind < WHOLE || !NAME(acts)(after + n_after, row)))
        n_after++;
    for (int64_t a = 0; a < n; a += CHUNK) {
        int64_t many = n - a < CHUNK ? n - a : CHUNK;
        T begun[CHUNK], roots[CHUNK];
        for (int64_t j = 0; j < n_before; j++)
            if (NAME(acts)(before + j, row))
                NAME(act_before)(p, before + j, row, a, many, w + a, g + a, lr);
        if (p->follows) memcpy(begun, w + a, (size_t)many * sizeof(T));
        if (p->optimizer == ADAM) {
            NAME(adam_of)(many, w + a, g + a, first + a, second + a, largest ? largest + a : 0,
                          roots, of);
        } else if (p->optimizer == SGD) {
            NAME(sgd)(many, w + a, g + a, first + a, (int)p->nesterov, of);
        }
        for (int64_t j = 0; j < n_after; j++)
            if (NAME(acts)(after + j, row))
                NAME(act_after)(p, after + j, row, many, w + a, second ? roots : 0, begun, lr, of);
    }
    for (int64_t j = n_after; j < on->n_after; j++) {
        if (!NAME(acts)(after + j, row)) continue;
        if (after[j].kind >= WHOLE) {
            NAME(act_after)(p, after + j, row, n, w, divisors, 0, lr, of);
            continue;
        }
        for (int64_t a = 0; a < n; a += CHUNK) { /* weight by weight, but after a whole layer */
            int64_t many = n - a < CHUNK ? n - a : CHUNK;
            T roots[CHUNK];
            if (divisors)
                for (int64_t i = 0; i < many; i++) roots[i] = ROOT(divisors[a + i]);
            NAME(act_after)(p, after + j, row, many, w + a, divisors ? roots : 0, 0, lr, of);
        }
    }
}

static NAME(Row) NAME(row_of)(const Program *p, int64_t row) {
    NAME(Row) of = {0};
    T lr = NAME(at)(p->lr, row);
    of.lr = lr;
    if (p->optimizer == ADAM) {
        const double *numbers = p->numbers + 3 * row;
        double beta1 = numbers[0], beta2 = numbers[1], n_steps = p->n_steps[row];
        of.share = (T)(1 - beta1);
        of.moves_little = of.share < (T)0.5;
        of.beta2 = (T)beta2;
        of.part2 = (T)(1 - beta2);
        of.step = (T)(p->rates[row] / (1 - pow(beta1, n_steps)));
        of.root = (T)sqrt(1 - pow(beta2, n_steps));
        of.eps = (T)numbers[2];
        of.size = lr * of.root;
        of.size_eps = of.eps * of.root;
    } else if (p->optimizer == SGD) {
        of.momentum = NAME(at)(p->momentum, row);
        of.size = lr / (1 - of.momentum);
    }
    return of;
}

/* As _clipping has it: a share that is 1 changes nothing, and one that is no number all. */
static void NAME(clip)(const Program *p, int64_t row) {
    int64_t n = p->n_columns;
    T *g = (T *)p->grad + row * n;
    if (p->clip_norm) {
        T share = NAME(at)(p->clip_norm, row) / (ROOT(NAME(square_sum)(n, g)) + (T)NEAR_NORM);
        if (!(share >= 1)) NAME(scale)(n, g, share);
    }
    if (p->clip_value) {
        T bound = NAME(at)(p->clip_value, row);
        for (int64_t i = 0; i < n; i++) g[i] = NAME(clamp)(g[i], bound);
    }
}

static void NAME(all_stretches)(const Program *p, int64_t row) {
    NAME(Row) of = NAME(row_of)(p, row);
    for (int64_t j = 0; j < p->n_stretches; j++) NAME(stretch)(p, p->stretches + j, row, of);
}

void NAME(regsweep_step)(const Program *p, int64_t first_row, int64_t end_row) {
    for (int64_t row = first_row; row < end_row; row++) {
        if (p->gradients) {
            Program first = *p->gradients;
            first.acting = p->acting;
            NAME(all_stretches)(&first, row);
        }
        NAME(clip)(p, row);
        NAME(all_stretches)(p, row);
    }
}

#undef T
#undef V
#undef LANES
#undef STEP_SIZE
