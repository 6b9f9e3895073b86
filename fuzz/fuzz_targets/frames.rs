#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| paracell::jupyter::hostile_tests::frames(bytes));
