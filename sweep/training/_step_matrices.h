/* Sums and products of the step, for one type of number: included by _step_kernel.h.

   What adds many numbers up does so in lanes side by side, in one order for any row. */

static T NAME(total)(V lanes) {
    T sum = 0;
    for (int k = 0; k < LANES; k++) sum += lanes[k];
    return sum;
}

static T NAME(product_sum)(int64_t n, const T *a, const T *b) {
    V even = {0}, odd = {0}, x = {0}, y = {0};
    int64_t i = 0;
    for (; i + 2 * LANES <= n; i += 2 * LANES) {
        even += *(const V *)(a + i) * *(const V *)(b + i);
        odd += *(const V *)(a + i + LANES) * *(const V *)(b + i + LANES);
    }
    if (i + LANES <= n) {
        even += *(const V *)(a + i) * *(const V *)(b + i);
        i += LANES;
    }
    for (int k = 0; i < n; i++, k++) x[k] = a[i], y[k] = b[i];
    return NAME(total)(even + odd + x * y);
}

static T NAME(square_sum)(int64_t n, const T *w) { return NAME(product_sum)(n, w, w); }

/* One power iteration for w (n_units, size), whose left vector is the memory; right is scratch. */
static void NAME(add_spectral)(int64_t n_units, int64_t size, const T *w, T *g, T *left,
                               T *restrict right, T s, T tiny) {
    for (int64_t i = 0; i < size; i++) right[i] = 0;
    for (int64_t u = 0; u < n_units; u++) {
        const T *restrict unit = w + u * size;
        T by = left[u];
        for (int64_t i = 0; i < size; i++) right[i] = FMA(by, unit[i], right[i]);
    }
    T norm = ROOT(NAME(square_sum)(size, right));
    norm = norm < tiny ? tiny : norm;
    for (int64_t i = 0; i < size; i++) right[i] /= norm;
    for (int64_t u = 0; u < n_units; u++) left[u] = NAME(product_sum)(size, w + u * size, right);
    T sigma = ROOT(NAME(square_sum)(n_units, left)), pull = 2 * sigma * s;
    norm = sigma < tiny ? tiny : sigma;
    for (int64_t u = 0; u < n_units; u++) {
        T *restrict slope = g + u * size;
        left[u] /= norm;
        T by = left[u] * pull;
        if (s != 0)
            for (int64_t i = 0; i < size; i++) slope[i] = FMA(by, right[i], slope[i]);
    }
}

static void NAME(transpose)(int64_t rows, int64_t columns, const T *w, T *turned) {
    for (int64_t c = 0; c < columns; c++)
        for (int64_t r = 0; r < rows; r++) turned[c * rows + r] = w[r * columns + c];
}

/* A vector of b (depth, columns) from row k and column j on. Where it is beyond the columns it has
   anything, which its sums may have too: they are not used. */
FUSED_SUMS static inline V NAME(vector)(const T *b, int64_t depth, int64_t columns, int64_t k, int64_t j) {
    V found = {0};
    if (k < depth - 1 || j + LANES <= columns) return *(const V *)(b + k * columns + j);
    for (int64_t i = 0; i < columns - j; i++) found[i] = b[k * columns + j + i];
    return found;
}

FUSED_SUMS static inline void NAME(put)(T *c, V sums, int64_t n, int adds, T scale) {
    if (n >= LANES) {
        if (adds) sums = scale * sums + *(V *)c;
        *(V *)c = sums;
        return;
    }
    for (int64_t i = 0; i < n; i++) c[i] = adds ? scale * sums[i] + c[i] : sums[i];
}

/* c = a b, or c + scale a b, of (rows, depth) and (depth, columns), four rows and up to three
   vectors at a time; a's numbers are a_row and a_column apart. Where upper, what is left of the
   diagonal may stay as it is. */
FUSED_SUMS static void NAME(multiply)(int64_t rows, int64_t columns, int64_t depth, const T *a,
                                      int64_t a_row, int64_t a_column, const T *b, T *c,
                                      int upper, int adds, T scale) {
    FUSE_SUMS
    for (int64_t i = 0; i < rows; i += 4) {
        int64_t j = upper ? i / LANES * LANES : 0, left = rows - i < 4 ? rows - i : 4;
        const T *row[4];
        for (int64_t r = 0; r < 4; r++) row[r] = a + (i + (r < left ? r : left - 1)) * a_row;
        for (; j + 3 * LANES <= columns; j += 3 * LANES) {
            V sums[4][3] = {{{0}}};
            for (int64_t k = 0; k < depth; k++) {
                const V *of = (const V *)(b + k * columns + j);
                V x = of[0], y = of[1], z = of[2];
                for (int r = 0; r < 4; r++) {
                    T by = row[r][k * a_column];
                    sums[r][0] += by * x;
                    sums[r][1] += by * y;
                    sums[r][2] += by * z;
                }
            }
            for (int64_t r = 0; r < left; r++)
                for (int v = 0; v < 3; v++)
                    NAME(put)(c + (i + r) * columns + j + v * LANES, sums[r][v], LANES, adds, scale);
        }
        for (; j < columns; j += LANES) {
            V sums[4] = {{0}};
            for (int64_t k = 0; k < depth; k++) {
                V x = NAME(vector)(b, depth, columns, k, j);
                for (int r = 0; r < 4; r++) sums[r] += row[r][k * a_column] * x;
            }
            for (int64_t r = 0; r < left; r++)
                NAME(put)(c + (i + r) * columns + j, sums[r], columns - j, adds, scale);
        }
    }
}

/* g + 4 s (W W' - I) W, by whichever Gram matrix is smaller; it and W' are in scratch. */
static void NAME(add_orthogonal)(int64_t rows, int64_t columns, const T *w, T *g, T *gram, T s) {
    int turned = rows < columns;
    int64_t n = turned ? rows : columns;
    if (turned) {
        T *transposed = gram + n * n;
        NAME(transpose)(rows, columns, w, transposed);
        NAME(multiply)(n, n, columns, w, columns, 1, transposed, gram, 1, 0, 0);
    } else {
        NAME(multiply)(n, n, rows, w, 1, columns, w, gram, 1, 0, 0);
    }
    for (int64_t first = 0; first < n; first += LANES) { /* the lower half, some rows at a time */
        int64_t end = n - first < LANES ? n : first + LANES;
        for (int64_t j = 0; j < end; j++)
            for (int64_t i = first > j ? first : j + 1; i < end; i++)
                gram[i * n + j] = gram[j * n + i];
    }
    for (int64_t i = 0; i < n; i++) gram[i * n + i] -= 1;
    if (turned) NAME(multiply)(rows, columns, n, gram, n, 1, w, g, 0, 1, 4 * s);
    else NAME(multiply)(rows, columns, n, w, columns, 1, gram, g, 0, 1, 4 * s);
}
