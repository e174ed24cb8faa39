    movq    184(%rdi), %rax
    movzbl  (%rax), %eax
    cmpb    $1, %al
    jne     .L4
    movq    24(%rdi), %rax
    movq    32(%rdi), %rcx
    testq   %rcx, %rcx
    je      .L2
    movq    (%rax), %rdx
    incq    %rdx
    andq    %rdx, %rcx
    shlq    $6, %rcx
    addq    %rax, %rcx
    addq    $64, %rcx
    movups  (%rsi), %xmm0
    movups  16(%rsi), %xmm1
    movups  32(%rsi), %xmm2
    movups  48(%rsi), %xmm3
    movups  %xmm0, (%rcx)
    movups  %xmm1, 16(%rcx)
    movups  %xmm2, 32(%rcx)
    movups  %xmm3, 48(%rcx)
    movq    %rdx, (%rax)
    movb    $2, %al
    retq
.L2:
    leaq    64(%rax), %rcx
    movq    (%rax), %rdx
    orq     $1, %rdx
    movq    %rdx, (%rax)
    movups  (%rsi), %xmm0
    movups  16(%rsi), %xmm1
    movups  32(%rsi), %xmm2
    movups  48(%rsi), %xmm3
    movups  %xmm0, (%rcx)
    movups  %xmm1, 16(%rcx)
    movups  %xmm2, 32(%rcx)
    movups  %xmm3, 48(%rcx)
    incq    %rdx
    movl    $2, %ecx
    cmovneq %rdx, %rcx
    movq    %rcx, (%rax)
    movb    $2, %al
    retq
.L4:
    cmpb    $2, %al
    sete    %al
    retq
