    movq    %rdi, %rax
    movq    256(%rsi), %rcx
    movl    %ecx, %edx
    andl    $3, %edx
    shll    $6, %edx
    addq    %rsi, %rdx
    movups  (%rdx), %xmm3
    movups  16(%rdx), %xmm2
    movups  32(%rdx), %xmm1
    movups  48(%rdx), %xmm0
    movq    256(%rsi), %rdx
    subq    %rcx, %rdx
    cmpq    $3, %rdx
    jae     .L1
.L2:
    movups  %xmm3, (%rax)
    movups  %xmm2, 16(%rax)
    movups  %xmm1, 32(%rax)
    movups  %xmm0, 48(%rax)
    retq
.L1:
    pause
    movq    256(%rsi), %rcx
    movl    %ecx, %edx
    andl    $3, %edx
    shll    $6, %edx
    addq    %rsi, %rdx
    movups  (%rdx), %xmm3
    movups  16(%rdx), %xmm2
    movups  32(%rdx), %xmm1
    movups  48(%rdx), %xmm0
    movq    256(%rsi), %rdx
    subq    %rcx, %rdx
    cmpq    $2, %rdx
    ja      .L1
    jmp     .L2
