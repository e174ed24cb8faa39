    movq    %rdi, %rax
    movq    (%rsi), %rcx
    testb   $1, %cl
    jne     .L3
    leaq    16(%rsi), %rdx
    movups  (%rdx), %xmm0
    movq    (%rsi), %rdx
    cmpq    %rcx, %rdx
    jne     .L3
    movups  %xmm0, (%rax)
    retq
.L3:
    pushq   %rbx
    subq    $32, %rsp
    leaq    8(%rsp), %rcx
    movq    %rsi, %rdi
    movq    %rcx, %rsi
    movq    %rax, %rbx
    callq   seqcopy::lock::read::read_contended
    movq    %rbx, %rax
    movups  8(%rsp), %xmm0
    movups  %xmm0, (%rbx)
    addq    $32, %rsp
    popq    %rbx
    retq
