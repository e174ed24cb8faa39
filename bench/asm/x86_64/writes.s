value_write24:
    movq    (%rdi), %rax
    movq    24(%rax), %rcx
    orq     $1, %rcx
    movq    %rcx, 24(%rax)
    movq    16(%rsi), %rdx
    movups  (%rsi), %xmm0
    movups  %xmm0, (%rax)
    leaq    16(%rax), %rsi
    movq    %rdx, (%rsi)
    incq    %rcx
    movq    %rcx, 24(%rax)
    retq

value_write1k:
    pushq   %r15
    pushq   %r14
    pushq   %rbx
    movq    %rsi, %r14
    movq    (%rdi), %rbx
    movq    1024(%rbx), %r15
    orq     $1, %r15
    movq    %r15, 1024(%rbx)
    movq    seqcopy::copy::vector::x86_64::moves::Moves::get::MOVES@GOTPCREL(%rip), %rax
    movzbl  (%rax), %eax
    testb   %al, %al
    je      .L1
.L2:
    movl    $1024, %edx
    movq    %r14, %rdi
    movq    %rbx, %rsi
    testb   $8, %al
    jne     .L8
    testb   $4, %al
    jne     .L9
    testb   $2, %al
    je      .L5
    callq   seqcopy::copy::vector::x86_64::moves::store_avx
    jmp     .L7
.L8:
    callq   seqcopy::copy::vector::x86_64::moves::store_avx
    jmp     .L7
.L9:
    callq   seqcopy::copy::vector::x86_64::moves::store_avx
.L7:
    incq    %r15
    movq    %r15, 1024(%rbx)
    popq    %rbx
    popq    %r14
    popq    %r15
    retq
.L1:
    callq   *seqcopy::copy::vector::x86_64::moves::Moves::get::find@GOTPCREL(%rip)
    jmp     .L2
.L5:
    callq   seqcopy::copy::vector::x86_64::moves::store_sse2
    jmp     .L7

value_write256:
    movq    %rsi, %xmm0
    pshufd  $68, %xmm0, %xmm0
    movq    (%rdi), %rax
    movq    256(%rax), %rcx
    orq     $1, %rcx
    movq    %rcx, 256(%rax)
    movups  %xmm0, (%rax)
    movups  %xmm0, 16(%rax)
    movups  %xmm0, 32(%rax)
    movups  %xmm0, 48(%rax)
    leaq    64(%rax), %rdx
    movups  %xmm0, (%rdx)
    movups  %xmm0, 16(%rdx)
    movups  %xmm0, 32(%rdx)
    movups  %xmm0, 48(%rdx)
    leaq    128(%rax), %rdx
    movups  %xmm0, (%rdx)
    movups  %xmm0, 16(%rdx)
    movups  %xmm0, 32(%rdx)
    movups  %xmm0, 48(%rdx)
    leaq    192(%rax), %rdx
    movups  %xmm0, (%rdx)
    movups  %xmm0, 16(%rdx)
    movups  %xmm0, 32(%rdx)
    movups  %xmm0, 48(%rdx)
    incq    %rcx
    movq    %rcx, 256(%rax)
    retq

value_replace:
    pushq   %rbx
    movq    %rdi, %rbx
    movq    %rsi, %rdi
    movq    %rdx, %rsi
    movq    %rbx, %rdx
    callq   *seqcopy::lock::methods::write::replace::large@GOTPCREL(%rip)
    movq    %rbx, %rax
    popq    %rbx
    retq

value_write:
    jmpq    *seqcopy::lock::methods::write::write_value::large@GOTPCREL(%rip)

value_write4k:
    jmpq    *seqcopy::lock::methods::write::write_value::large@GOTPCREL(%rip)

value_latch_write:
    jmpq    *seqcopy::lock::methods::write::write_value::large@GOTPCREL(%rip)

value_writer_write:
    movq    (%rdi), %rdi
    jmpq    *seqcopy::lock::protocol::<impl seqcopy::lock::claim::Claimed<L>>::publish_value::large@GOTPCREL(%rip)

writer_write:
    movq    (%rdi), %rax
    movq    48(%rax), %rcx
    orq     $1, %rcx
    movq    %rcx, 48(%rax)
    movzbl  (%rsi), %edx
    movb    %dl, (%rax)
    leaq    8(%rax), %rdx
    movups  8(%rsi), %xmm0
    movups  %xmm0, (%rdx)
    movq    24(%rsi), %rdx
    leaq    24(%rax), %rdi
    movq    %rdx, (%rdi)
    movzbl  32(%rsi), %edx
    leaq    32(%rax), %rdi
    movb    %dl, (%rdi)
    leaq    36(%rax), %rdx
    movl    36(%rsi), %edi
    movl    %edi, (%rdx)
    movq    40(%rsi), %rdx
    movq    %rdx, 40(%rax)
    incq    %rcx
    movq    %rcx, 48(%rax)
    retq
