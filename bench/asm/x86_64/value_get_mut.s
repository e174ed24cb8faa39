    leaq    64(%rdi), %rax
    movups  (%rsi), %xmm0
    movups  16(%rsi), %xmm1
    movups  32(%rsi), %xmm2
    movups  48(%rsi), %xmm3
    movups  112(%rsi), %xmm4
    movups  96(%rsi), %xmm5
    movups  80(%rsi), %xmm6
    movups  64(%rsi), %xmm7
    movq    128(%rdi), %rcx
    orq     $1, %rcx
    movq    %rcx, 128(%rdi)
    movups  %xmm0, (%rdi)
    movups  %xmm1, 16(%rdi)
    movups  %xmm2, 32(%rdi)
    movups  %xmm3, 48(%rdi)
    movups  %xmm7, (%rax)
    movups  %xmm6, 16(%rax)
    movups  %xmm5, 32(%rax)
    movups  %xmm4, 48(%rax)
    incq    %rcx
    movq    %rcx, 128(%rdi)
    retq
