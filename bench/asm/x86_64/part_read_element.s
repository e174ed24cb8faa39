    movq    %rdi, %rax
    movq    1024(%rsi), %rcx
    testb   $1, %cl
    jne     .L1
    cmpq    $253, %rdx
    movl    $253, %edi
    cmovbq  %rdx, %rdi
    movl    %edi, %edx
    leaq    (%rsi,%rdx,4), %rdx
    addq    $8, %rdx
    movl    (%rdx), %edi
    movq    1024(%rsi), %rsi
    movl    $1, %edx
    cmpq    %rcx, %rsi
    jne     .L3
    movl    %edi, 4(%rax)
    xorl    %ecx, %ecx
    movl    %ecx, (%rax)
    retq
.L1:
    xorl    %edx, %edx
.L3:
    movq    %rdx, 8(%rax)
    movl    $1, %ecx
    movl    %ecx, (%rax)
    retq
