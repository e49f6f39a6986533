using System.Runtime.InteropServices;

namespace Protean.Cryptography;

/// <summary>Secret bytes outside the managed heap: never moved or copied by the collector, guarded, kept out of core dumps,
/// and wiped when released.</summary>
/// <remarks>A span does not keep its memory alive: whoever uses one calls <see cref="GC.KeepAlive"/> on the owner after the last use.</remarks>
internal sealed unsafe class SecretMemory : SafeHandle
{
    private readonly int _length;

    public SecretMemory(int length) : base(0, ownsHandle: true)
    {
        _length = length;
        var pointer = Sodium.sodium_malloc((nuint)length);
        if (pointer is null) throw new InsufficientMemoryException($"no guarded memory for {length} secret bytes");
        SetHandle((nint)pointer);
        Span.Clear();
    }

    public override bool IsInvalid => handle == 0;

    public Span<byte> Span
    {
        get
        {
            ObjectDisposedException.ThrowIf(IsClosed, this);
            return new Span<byte>((void*)handle, _length);
        }
    }

    protected override bool ReleaseHandle()
    {
        Sodium.sodium_free(handle);
        return true;
    }
}
