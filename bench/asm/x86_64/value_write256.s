    movq    %rsi, %xmm0
    pshufd  $68, %xmm0, %xmm0
    movq    (%rdi), %rax
    movq    (%rax), %rcx
    orq     $1, %rcx
    movq    %rcx, (%rax)
    leaq    16(%rax), %rdx
    movups  %xmm0, (%rdx)
    movups  %xmm0, 16(%rdx)
    movups  %xmm0, 32(%rdx)
    movups  %xmm0, 48(%rdx)
    leaq    80(%rax), %rdx
    movups  %xmm0, (%rdx)
    movups  %xmm0, 16(%rdx)
    movups  %xmm0, 32(%rdx)
    movups  %xmm0, 48(%rdx)
    leaq    144(%rax), %rdx
    movups  %xmm0, (%rdx)
    movups  %xmm0, 16(%rdx)
    movups  %xmm0, 32(%rdx)
    movups  %xmm0, 48(%rdx)
    leaq    208(%rax), %rdx
    movups  %xmm0, (%rdx)
    movups  %xmm0, 16(%rdx)
    movups  %xmm0, 32(%rdx)
    movups  %xmm0, 48(%rdx)
    incq    %rcx
    movq    %rcx, (%rax)
    retq
