/* Products of matrices for one type of number: included, with NUMBER and NAME, by what goes through
   layers.

   Every sum of a product is added up in the order of its terms, each fused: no number depends on how
   many rows or networks there are. */

#ifndef TALL
#define TALL 6 /* rows of a product that are summed side by side, each in two vectors */
#endif

typedef NUMBER NAME(number);
#define T NAME(number)

typedef NUMBER NAME(lanes) __attribute__((vector_size(32), aligned(sizeof(NUMBER)), may_alias));
#define V NAME(lanes)
#define LANES ((int64_t)(sizeof(V) / sizeof(T)))
#define WIDE (2 * LANES)

/* ---- products ------------------------------------------------------------------------------ */

/* b (k, n), whose rows are rb and whose columns cb apart, as panels of WIDE columns (k, WIDE), the
   last one filled up by zeros; where they end. */
static T *NAME(pack)(int64_t k, int64_t n, const T *b, int64_t rb, int64_t cb, T *restrict to) {
    for (int64_t j = 0; j < n; j += WIDE, to += k * WIDE) {
        int64_t many = n - j < WIDE ? n - j : WIDE;
        if (cb == 1 && many == WIDE) {
            for (int64_t t = 0; t < k; t++) {
                const T *row = b + t * rb + j;
                *(V *)(to + t * WIDE) = *(const V *)row;
                *(V *)(to + t * WIDE + LANES) = *(const V *)(row + LANES);
            }
            continue;
        }
        for (int64_t c = 0; c < many; c++)
            for (int64_t t = 0; t < k; t++) to[t * WIDE + c] = b[t * rb + (j + c) * cb];
        for (int64_t c = many; c < WIDE; c++)
            for (int64_t t = 0; t < k; t++) to[t * WIDE + c] = 0;
    }
    return to;
}

static int64_t NAME(packed)(int64_t k, int64_t n) { return (n + WIDE - 1) / WIDE * WIDE * k; }

typedef struct { /* c (m, n), whose rows are rc apart, from a (m, k) and packed panels */
    int64_t m, n, k;
    const T *a; int64_t ra, ca;
    const T *panels;
    T *c; int64_t rc;
    const T *bias; /* (n,) to be added, or 0 */
    int relu, add; /* add: to what c holds, whose rows are whole panels then */
} NAME(Product);

/* Up to TALL rows of a panel; tall and vectors are constants where this is called. */
static inline __attribute__((always_inline)) void NAME(tile)(
    const NAME(Product) *p, int64_t i, int64_t j, const T *panel, int tall, int vectors) {
    V sum[TALL][2];
    const T *a = p->a + i * p->ra;
    for (int r = 0; r < tall; r++) {
        const T *held = p->c + (i + r) * p->rc + j;
        sum[r][0] = p->add ? *(const V *)held : (V){0};
        sum[r][1] = p->add ? *(const V *)(held + LANES) : (V){0};
    }
    for (int64_t t = 0; t < p->k; t++, panel += WIDE) {
        V left = *(const V *)panel, right = *(const V *)(panel + LANES);
#pragma GCC unroll 6
        for (int r = 0; r < tall; r++) {
            T factor = a[r * p->ra + t * p->ca];
            sum[r][0] += factor * left;
            if (vectors > 1) sum[r][1] += factor * right;
        }
    }
    int64_t many = p->n - j < WIDE ? p->n - j : WIDE;
    for (int r = 0; r < tall; r++) {
        T row[WIDE], *to = many == WIDE ? p->c + (i + r) * p->rc + j : row;
        *(V *)to = sum[r][0];
        *(V *)(to + LANES) = sum[r][1];
        if (p->bias)
            for (int64_t c = 0; c < many; c++) to[c] += p->bias[j + c];
        if (p->relu)
            for (int64_t c = 0; c < many; c++) to[c] = to[c] < 0 ? 0 : to[c];
        if (many < WIDE) memcpy(p->c + (i + r) * p->rc + j, row, (size_t)many * sizeof(T));
    }
}

static void NAME(product)(const NAME(Product) *p) {
    const T *panel = p->panels;
    for (int64_t j = 0; j < p->n; j += WIDE, panel += p->k * WIDE) {
        int narrow = p->n - j <= LANES;
        int64_t i = 0;
        if (narrow) for (; i + TALL <= p->m; i += TALL) NAME(tile)(p, i, j, panel, TALL, 1);
        else for (; i + TALL <= p->m; i += TALL) NAME(tile)(p, i, j, panel, TALL, 2);
        switch (p->m - i) {
        case 5: NAME(tile)(p, i, j, panel, 5, 2); break;
        case 4: NAME(tile)(p, i, j, panel, 4, 2); break;
        case 3: NAME(tile)(p, i, j, panel, 3, 2); break;
        case 2: NAME(tile)(p, i, j, panel, 2, 2); break;
        case 1: NAME(tile)(p, i, j, panel, 1, 2); break;
        }
    }
}
