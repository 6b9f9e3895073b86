#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| paracell::pool::hostile_tests::channel(bytes));
