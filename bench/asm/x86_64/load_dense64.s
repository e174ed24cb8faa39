    movups  (%rdi), %xmm0
    movups  16(%rdi), %xmm1
    movups  32(%rdi), %xmm2
    movups  48(%rdi), %xmm3
    movups  %xmm0, (%rsi)
    movups  %xmm1, 16(%rsi)
    movups  %xmm2, 32(%rsi)
    movups  %xmm3, 48(%rsi)
    retq
