    movq    %rdi, %rax
    movq    1024(%rsi), %rdx
    testb   $1, %dl
    jne     .L1
    movq    (%rsi), %rcx
    leaq    408(%rsi), %r8
    movl    (%r8), %edi
    movq    1024(%rsi), %r8
    movl    $1, %esi
    cmpq    %rdx, %r8
    jne     .L3
    movq    %rcx, 8(%rax)
    movl    %edi, 16(%rax)
    xorl    %ecx, %ecx
    movq    %rcx, (%rax)
    retq
.L1:
    xorl    %esi, %esi
.L3:
    movq    %rsi, 8(%rax)
    movl    $1, %ecx
    movq    %rcx, (%rax)
    retq
