//! Libtorch's settings, of this thread and of the process, which user code may change.

use super::{check, handle, raw};

/// Runs `f`, after which libtorch's settings are as before, whatever `f` does: `shim/state.cc` lists them. `f` must not
/// unwind.
pub fn keep_state<R>(f: impl FnOnce() -> R) -> R {
    // SAFETY: no preconditions.
    let before = handle(|error| unsafe { raw::tj_state_save(error) });
    let result = f();
    if let Ok(before) = before {
        // SAFETY: the state is owned, and given away once, in its thread. A setting that cannot be set back has no place
        // to be reported: `f` has its own result.
        let _ = check(|error| unsafe { raw::tj_state_restore(before.as_ptr(), error) });
    }
    result
}

#[cfg(test)]
mod tests {
    use std::ffi::c_void;

    use super::keep_state;

    /// What libtorch itself says of its settings, by the names of its C++ functions.
    mod libtorch {
        use std::ffi::c_void;

        unsafe extern "C" {
            #[link_name = "_ZN2at13globalContextEv"]
            pub fn global_context() -> *mut c_void;
            #[link_name = "_ZNK2at7Context23deterministicAlgorithmsEv"]
            pub fn deterministic_algorithms(context: *const c_void) -> bool;
            #[link_name = "_ZN2at7Context26setDeterministicAlgorithmsEbb"]
            pub fn set_deterministic_algorithms(context: *mut c_void, on: bool, warns: bool);
            #[link_name = "_ZNK2at7Context31deterministicAlgorithmsWarnOnlyEv"]
            pub fn deterministic_algorithms_warn(context: *const c_void) -> bool;
            #[link_name = "_ZNK2at7Context14benchmarkCuDNNEv"]
            pub fn benchmark_cudnn(context: *const c_void) -> bool;
            #[link_name = "_ZN2at7Context17setBenchmarkCuDNNEb"]
            pub fn set_benchmark_cudnn(context: *mut c_void, on: bool);
            #[link_name = "_ZNK2at7Context18deterministicCuDNNEv"]
            pub fn deterministic_cudnn(context: *const c_void) -> bool;
            #[link_name = "_ZN2at7Context21setDeterministicCuDNNEb"]
            pub fn set_deterministic_cudnn(context: *mut c_void, on: bool);
            #[link_name = "_ZNK2at7Context16userEnabledCuDNNEv"]
            pub fn enabled_cudnn(context: *const c_void) -> bool;
            #[link_name = "_ZN2at7Context19setUserEnabledCuDNNEb"]
            pub fn set_enabled_cudnn(context: *mut c_void, on: bool);
            #[link_name = "_ZNK2at7Context17userEnabledMkldnnEv"]
            pub fn enabled_mkldnn(context: *const c_void) -> bool;
            #[link_name = "_ZN2at7Context20setUserEnabledMkldnnEb"]
            pub fn set_enabled_mkldnn(context: *mut c_void, on: bool);
            #[link_name = "_ZN2at7Context16setFlushDenormalEb"]
            pub fn set_flush_denormal(on: bool) -> bool;
            #[link_name = "_ZN3c1012WarningUtils14get_warnAlwaysEv"]
            pub fn warn_always() -> bool;
            #[link_name = "_ZN3c1012WarningUtils14set_warnAlwaysEb"]
            pub fn set_warn_always(on: bool);
            #[link_name = "_ZN3c1031get_default_dtype_as_scalartypeEv"]
            pub fn default_dtype() -> i8;
            /// Its argument, a `TypeMeta`, is a number of 16 bits, which is that of the kind.
            #[link_name = "_ZN3c1017set_default_dtypeEN6caffe28TypeMetaE"]
            pub fn set_default_dtype(kind: u16);
            #[link_name = "_ZN2at8autocast19is_autocast_enabledEN3c1010DeviceTypeE"]
            pub fn autocast(device: i8) -> bool;
            #[link_name = "_ZN2at8autocast20set_autocast_enabledEN3c1010DeviceTypeEb"]
            pub fn set_autocast(device: i8, on: bool);
            #[link_name = "_ZN2at8autocast18get_autocast_dtypeEN3c1010DeviceTypeE"]
            pub fn autocast_dtype(device: i8) -> i8;
            #[link_name = "_ZN2at8autocast18set_autocast_dtypeEN3c1010DeviceTypeENS1_10ScalarTypeE"]
            pub fn set_autocast_dtype(device: i8, kind: i8);
            #[link_name = "_ZN2at8autocast25is_autocast_cache_enabledEv"]
            pub fn autocast_caches() -> bool;
            #[link_name = "_ZN2at8autocast26set_autocast_cache_enabledEb"]
            pub fn set_autocast_caches(on: bool);
        }
    }

    /// A setting: its name, how it is read and set, and another value than the usual one.
    type Setting = (&'static str, fn() -> i64, fn(i64), i64);

    fn context() -> *mut c_void {
        // SAFETY: the context lives as long as the process.
        unsafe { libtorch::global_context() }
    }

    fn autocast_depth() -> i64 {
        // SAFETY: these functions change a number of this thread.
        unsafe {
            torch_sys::at_autocast_increment_nesting();
            i64::from(torch_sys::at_autocast_decrement_nesting())
        }
    }

    /// Whether the smallest normal number, divided by two, is zero.
    fn flushes_denormals() -> i64 {
        i64::from(std::hint::black_box(f32::MIN_POSITIVE) / std::hint::black_box(2.0) == 0.0)
    }

    // SAFETY, for all of these: the functions have no preconditions, and their arguments are values that libtorch knows.
    #[allow(clippy::undocumented_unsafe_blocks)]
    const SETTINGS: &[Setting] = &[
        (
            "gradients",
            || {
                let on = unsafe { torch_sys::at_grad_set_enabled(1) };
                unsafe { torch_sys::at_grad_set_enabled(on) };
                i64::from(on)
            },
            |it| {
                unsafe { torch_sys::at_grad_set_enabled(it as i32) };
            },
            0,
        ),
        (
            "autocast on the CPU",
            || unsafe { libtorch::autocast(0) }.into(),
            |it| unsafe { libtorch::set_autocast(0, it != 0) },
            1,
        ),
        (
            "autocast on CUDA",
            || unsafe { libtorch::autocast(1) }.into(),
            |it| unsafe { libtorch::set_autocast(1, it != 0) },
            1,
        ),
        (
            "autocast's kind on the CPU",
            || unsafe { libtorch::autocast_dtype(0) }.into(),
            |it| unsafe { libtorch::set_autocast_dtype(0, it as i8) },
            HALF,
        ),
        (
            "autocast's kind on CUDA",
            || unsafe { libtorch::autocast_dtype(1) }.into(),
            |it| unsafe { libtorch::set_autocast_dtype(1, it as i8) },
            BFLOAT16,
        ),
        (
            "autocast's depth",
            autocast_depth,
            |it| {
                while autocast_depth() < it {
                    unsafe { torch_sys::at_autocast_increment_nesting() };
                }
                while autocast_depth() > it {
                    unsafe { torch_sys::at_autocast_decrement_nesting() };
                }
            },
            2,
        ),
        (
            "autocast's cache",
            || unsafe { libtorch::autocast_caches() }.into(),
            |it| unsafe { libtorch::set_autocast_caches(it != 0) },
            0,
        ),
        (
            "denormal numbers",
            flushes_denormals,
            |it| {
                unsafe { libtorch::set_flush_denormal(it != 0) };
            },
            1,
        ),
        (
            "default kind",
            || unsafe { libtorch::default_dtype() }.into(),
            |it| unsafe { libtorch::set_default_dtype(it as u16) },
            DOUBLE,
        ),
        ("threads", || tch::get_num_threads().into(), |it| tch::set_num_threads(it as i32), 3),
        (
            "warnings",
            || unsafe { libtorch::warn_always() }.into(),
            |it| unsafe { libtorch::set_warn_always(it != 0) },
            1,
        ),
        (
            "deterministic algorithms",
            || unsafe { libtorch::deterministic_algorithms(context()) }.into(),
            |it| unsafe { libtorch::set_deterministic_algorithms(context(), it != 0, false) },
            1,
        ),
        (
            "deterministic algorithms, which only warn",
            || unsafe { libtorch::deterministic_algorithms_warn(context()) }.into(),
            |it| unsafe { libtorch::set_deterministic_algorithms(context(), it != 0, it != 0) },
            1,
        ),
        (
            "benchmarks of cuDNN",
            || unsafe { libtorch::benchmark_cudnn(context()) }.into(),
            |it| unsafe { libtorch::set_benchmark_cudnn(context(), it != 0) },
            1,
        ),
        (
            "deterministic cuDNN",
            || unsafe { libtorch::deterministic_cudnn(context()) }.into(),
            |it| unsafe { libtorch::set_deterministic_cudnn(context(), it != 0) },
            1,
        ),
        (
            "cuDNN",
            || unsafe { libtorch::enabled_cudnn(context()) }.into(),
            |it| unsafe { libtorch::set_enabled_cudnn(context(), it != 0) },
            0,
        ),
        (
            "mkldnn",
            || unsafe { libtorch::enabled_mkldnn(context()) }.into(),
            |it| unsafe { libtorch::set_enabled_mkldnn(context(), it != 0) },
            0,
        ),
        (
            "fusing",
            || tch::jit::get_tensor_expr_fuser_enabled().into(),
            |it| tch::jit::set_tensor_expr_fuser_enabled(it != 0),
            0,
        ),
        (
            "profiling",
            || tch::jit::get_profiling_mode().into(),
            |it| tch::jit::set_profiling_mode(it != 0),
            0,
        ),
    ];

    /// Numbers of `c10::ScalarType`.
    const HALF: i64 = 5;
    const DOUBLE: i64 = 7;
    const BFLOAT16: i64 = 15;

    /// One test, since most settings are those of the process.
    #[test]
    fn every_setting_is_kept() {
        for (name, get, set, other) in SETTINGS {
            let before = get();
            assert_ne!(before, *other, "{name} has this value anyway");
            keep_state(|| {
                set(*other);
                assert_eq!(get(), *other, "{name} is set");
            });
            assert_eq!(get(), before, "{name} is as before");
            // What was set before stays.
            set(*other);
            keep_state(|| set(before));
            let kept = get();
            set(before);
            assert_eq!(kept, *other, "{name} stays");
        }
    }
}
