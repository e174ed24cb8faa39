    movq    184(%rdi), %rax
    movzbl  (%rax), %eax
    testb   %al, %al
    je      .L5
    movq    24(%rdi), %rcx
    movq    32(%rdi), %rdi
    testq   %rdi, %rdi
    je      .L2
    movq    (%rcx), %rdx
    incq    %rdx
    andq    %rdx, %rdi
    shlq    $6, %rdi
    addq    %rcx, %rdi
    addq    $64, %rdi
    movups  (%rsi), %xmm0
    movups  16(%rsi), %xmm1
    movups  32(%rsi), %xmm2
    movups  48(%rsi), %xmm3
    movups  %xmm0, (%rdi)
    movups  %xmm1, 16(%rdi)
    movups  %xmm2, 32(%rdi)
    movups  %xmm3, 48(%rdi)
    jmp     .L4
.L2:
    leaq    64(%rcx), %rdx
    movq    (%rcx), %rdi
    orq     $1, %rdi
    movq    %rdi, (%rcx)
    movups  (%rsi), %xmm0
    movups  16(%rsi), %xmm1
    movups  32(%rsi), %xmm2
    movups  48(%rsi), %xmm3
    movups  %xmm0, (%rdx)
    movups  %xmm1, 16(%rdx)
    movups  %xmm2, 32(%rdx)
    movups  %xmm3, 48(%rdx)
    incq    %rdi
    movl    $2, %edx
    cmovneq %rdi, %rdx
.L4:
    movq    %rdx, (%rcx)
.L5:
    testb   %al, %al
    sete    %al
    retq
