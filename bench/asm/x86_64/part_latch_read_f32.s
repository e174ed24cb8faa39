    movq    %rdi, %rax
    movq    2048(%rsi), %rdx
    movl    %edx, %ecx
    andl    $1, %ecx
    shll    $10, %ecx
    leaq    (%rsi,%rcx), %rdi
    addq    $408, %rdi
    movl    (%rdi), %ecx
    movq    2048(%rsi), %rsi
    cmpq    %rdx, %rsi
    jne     .L1
    movl    %ecx, 4(%rax)
    xorl    %ecx, %ecx
    movl    %ecx, (%rax)
    retq
.L1:
    movq    $1, 8(%rax)
    movl    $1, %ecx
    movl    %ecx, (%rax)
    retq
