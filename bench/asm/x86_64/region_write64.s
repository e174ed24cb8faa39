    movq    184(%rdi), %rax
    movzbl  (%rax), %eax
    testb   %al, %al
    je      .L5
    movq    24(%rdi), %rcx
    movq    32(%rdi), %rdx
    testq   %rdx, %rdx
    je      .L2
    movq    (%rcx), %rdi
    incq    %rdi
    andq    %rdx, %rdi
    shlq    $6, %rdi
    leaq    (%rcx,%rdi), %rdx
    addq    $64, %rdx
    movups  (%rsi), %xmm0
    movups  16(%rsi), %xmm1
    movups  32(%rsi), %xmm2
    movups  48(%rsi), %xmm3
    movups  %xmm0, (%rdx)
    movups  %xmm1, 16(%rdx)
    movups  %xmm2, 32(%rdx)
    movups  %xmm3, 48(%rdx)
    movq    (%rcx), %rdx
    incq    %rdx
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
