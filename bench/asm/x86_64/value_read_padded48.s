    movq    %rdi, %rax
    movq    48(%rsi), %rcx
    testb   $1, %cl
    jne     .L3
    movups  (%rsi), %xmm1
    movups  16(%rsi), %xmm0
    leaq    32(%rsi), %rdi
    movq    (%rdi), %rdx
    movq    40(%rsi), %rdi
    movq    48(%rsi), %r8
    cmpq    %rcx, %r8
    jne     .L3
    movups  %xmm1, (%rax)
    movups  %xmm0, 16(%rax)
    movq    %rdx, 32(%rax)
    movq    %rdi, 40(%rax)
    retq
.L3:
    pushq   %rbx
    subq    $64, %rsp
    leaq    8(%rsp), %rcx
    movq    %rsi, %rdi
    movq    %rcx, %rsi
    movq    %rax, %rbx
    callq   seqcopy::lock::read::read_contended
    movq    %rbx, %rax
    movups  8(%rsp), %xmm0
    movups  24(%rsp), %xmm1
    movups  40(%rsp), %xmm2
    movups  %xmm2, 32(%rbx)
    movups  %xmm1, 16(%rbx)
    movups  %xmm0, (%rbx)
    addq    $64, %rsp
    popq    %rbx
    retq
