    movq    %rdi, %rax
    movq    128(%rsi), %rcx
    testb   $1, %cl
    jne     .L3
    movups  (%rsi), %xmm7
    movups  16(%rsi), %xmm5
    movups  32(%rsi), %xmm3
    movups  48(%rsi), %xmm1
    leaq    64(%rsi), %rdx
    movups  (%rdx), %xmm6
    movups  16(%rdx), %xmm4
    movups  32(%rdx), %xmm2
    movups  48(%rdx), %xmm0
    movq    128(%rsi), %rdx
    cmpq    %rcx, %rdx
    jne     .L3
    movups  %xmm7, (%rax)
    movups  %xmm5, 16(%rax)
    movups  %xmm3, 32(%rax)
    movups  %xmm1, 48(%rax)
    movups  %xmm6, 64(%rax)
    movups  %xmm4, 80(%rax)
    movups  %xmm2, 96(%rax)
    movups  %xmm0, 112(%rax)
    retq
.L3:
    pushq   %rbx
    subq    $144, %rsp
    leaq    8(%rsp), %rcx
    movq    %rsi, %rdi
    movq    %rcx, %rsi
    movq    %rax, %rbx
    callq   seqcopy::lock::read::read_contended
    movq    %rbx, %rax
    movups  120(%rsp), %xmm0
    movups  %xmm0, 112(%rbx)
    movups  104(%rsp), %xmm0
    movups  %xmm0, 96(%rbx)
    movups  88(%rsp), %xmm0
    movups  %xmm0, 80(%rbx)
    movups  72(%rsp), %xmm0
    movups  %xmm0, 64(%rbx)
    movups  8(%rsp), %xmm0
    movups  24(%rsp), %xmm1
    movups  40(%rsp), %xmm2
    movups  56(%rsp), %xmm3
    movups  %xmm3, 48(%rbx)
    movups  %xmm2, 32(%rbx)
    movups  %xmm1, 16(%rbx)
    movups  %xmm0, (%rbx)
    addq    $144, %rsp
    popq    %rbx
    retq
