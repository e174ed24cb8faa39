    movq    %rsi, %xmm0
    pshufd  $68, %xmm0, %xmm0
    movq    (%rdi), %rax
    movq    256(%rax), %rcx
    orq     $1, %rcx
    movq    %rcx, 256(%rax)
    movups  %xmm0, (%rax)
    movups  %xmm0, 16(%rax)
    movups  %xmm0, 32(%rax)
    movups  %xmm0, 48(%rax)
    leaq    64(%rax), %rdx
    movups  %xmm0, (%rdx)
    movups  %xmm0, 16(%rdx)
    movups  %xmm0, 32(%rdx)
    movups  %xmm0, 48(%rdx)
    leaq    128(%rax), %rdx
    movups  %xmm0, (%rdx)
    movups  %xmm0, 16(%rdx)
    movups  %xmm0, 32(%rdx)
    movups  %xmm0, 48(%rdx)
    leaq    192(%rax), %rdx
    movups  %xmm0, (%rdx)
    movups  %xmm0, 16(%rdx)
    movups  %xmm0, 32(%rdx)
    movups  %xmm0, 48(%rdx)
    incq    %rcx
    movq    %rcx, 256(%rax)
    retq
