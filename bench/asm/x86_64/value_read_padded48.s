    movq    %rdi, %rax
    movq    (%rsi), %rcx
    testb   $1, %cl
    jne     .L3
    movzbl  16(%rsi), %edx
    leaq    24(%rsi), %rdi
    movups  (%rdi), %xmm0
    leaq    40(%rsi), %r8
    movq    (%r8), %rdi
    leaq    48(%rsi), %r9
    movb    (%r9), %r8b
    movl    52(%rsi), %r9d
    movq    56(%rsi), %r10
    movq    (%rsi), %r11
    cmpq    %rcx, %r11
    jne     .L3
    movb    %dl, (%rax)
    movups  %xmm0, 8(%rax)
    movq    %rdi, 24(%rax)
    movb    %r8b, 32(%rax)
    movl    %r9d, 36(%rax)
    movq    %r10, 40(%rax)
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
