    movq    %rdi, %rax
    movq    64(%rsi), %rcx
    testb   $1, %cl
    jne     .L2
    movups  (%rsi), %xmm3
    movups  16(%rsi), %xmm2
    movups  32(%rsi), %xmm1
    movups  48(%rsi), %xmm0
    movq    64(%rsi), %rdx
    cmpq    %rcx, %rdx
    jne     .L2
    shrq    %rcx
    movups  %xmm3, (%rax)
    movups  %xmm2, 16(%rax)
    movups  %xmm1, 32(%rax)
    movups  %xmm0, 48(%rax)
    movq    %rcx, 64(%rax)
    retq
.L2:
    pushq   %rbx
    subq    $80, %rsp
    leaq    8(%rsp), %rcx
    movq    %rsi, %rdi
    movq    %rcx, %rsi
    movq    %rax, %rbx
    callq   seqcopy::lock::read::read_contended
    movq    %rax, %rcx
    movq    %rbx, %rax
    movups  8(%rsp), %xmm0
    movups  24(%rsp), %xmm1
    movups  40(%rsp), %xmm2
    movups  56(%rsp), %xmm3
    movups  %xmm0, (%rbx)
    movups  %xmm1, 16(%rbx)
    movups  %xmm2, 32(%rbx)
    movups  %xmm3, 48(%rbx)
    movq    %rcx, 64(%rbx)
    addq    $80, %rsp
    popq    %rbx
    retq
