    movq    %rdi, %rax
    movq    48(%rsi), %rcx
    testb   $1, %cl
    jne     .L1
    leaq    20(%rsi), %rdx
    movw    (%rdx), %di
    movq    48(%rsi), %rsi
    movl    $1, %edx
    cmpq    %rcx, %rsi
    jne     .L3
    movw    %di, 2(%rax)
    xorl    %ecx, %ecx
    movw    %cx, (%rax)
    retq
.L1:
    xorl    %edx, %edx
.L3:
    movq    %rdx, 8(%rax)
    movw    $1, %cx
    movw    %cx, (%rax)
    retq
