    movq    %rdi, %rax
    movq    (%rsi), %rcx
    movl    %ecx, %edx
    andl    $3, %edx
    shll    $6, %edx
    addq    %rsi, %rdx
    addq    $16, %rdx
    movups  (%rdx), %xmm3
    movups  16(%rdx), %xmm2
    movups  32(%rdx), %xmm1
    movups  48(%rdx), %xmm0
    movq    (%rsi), %rdx
    subq    %rcx, %rdx
    cmpq    $3, %rdx
    jae     .L1
.L3:
    movups  %xmm3, (%rax)
    movups  %xmm2, 16(%rax)
    movups  %xmm1, 32(%rax)
    movups  %xmm0, 48(%rax)
    retq
.L1:
    leaq    16(%rsi), %rcx
.L2:
    pause
    movq    (%rsi), %rdx
    movl    %edx, %edi
    andl    $3, %edi
    shll    $6, %edi
    addq    %rcx, %rdi
    movups  (%rdi), %xmm3
    movups  16(%rdi), %xmm2
    movups  32(%rdi), %xmm1
    movups  48(%rdi), %xmm0
    movq    (%rsi), %rdi
    subq    %rdx, %rdi
    cmpq    $2, %rdi
    ja      .L2
    jmp     .L3
