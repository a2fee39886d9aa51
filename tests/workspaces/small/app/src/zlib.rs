//! Safe calls of the C library.

use libz_sys as ffi;
use std::ffi::{c_ulong, CStr};

pub fn version() -> String {
    // SAFETY: zlib returns a string constant which ends with a null byte.
    unsafe { CStr::from_ptr(ffi::zlibVersion()) }
        .to_string_lossy()
        .into_owned()
}

pub fn crc32(bytes: &[u8]) -> u32 {
    // SAFETY: pointer and length are those of one slice, shorter than 4 GiB.
    unsafe { ffi::crc32(0, bytes.as_ptr(), bytes.len() as u32) as u32 }
}

/// The error is zlib's code.
pub fn compress(plain: &[u8]) -> Result<Vec<u8>, i32> {
    // SAFETY: `packed` has as many bytes as zlib may write, and `length` says so.
    unsafe {
        let mut length = ffi::compressBound(plain.len() as c_ulong);
        let mut packed = vec![0; length as usize];
        let (to, from) = (packed.as_mut_ptr(), plain.as_ptr());
        finish(
            ffi::compress2(to, &mut length, from, plain.len() as c_ulong, 9),
            packed,
            length,
        )
    }
}

/// Gives at most `limit` bytes; a longer content is an error.
pub fn uncompress(packed: &[u8], limit: usize) -> Result<Vec<u8>, i32> {
    let mut length = limit as c_ulong;
    let mut plain = vec![0; limit];
    let (to, from) = (plain.as_mut_ptr(), packed.as_ptr());
    // SAFETY: `plain` has `length` bytes to write to.
    let code = unsafe { ffi::uncompress(to, &mut length, from, packed.len() as c_ulong) };
    finish(code, plain, length)
}

fn finish(code: i32, mut bytes: Vec<u8>, length: c_ulong) -> Result<Vec<u8>, i32> {
    bytes.truncate(length as usize);
    match code {
        ffi::Z_OK => Ok(bytes),
        code => Err(code),
    }
}
