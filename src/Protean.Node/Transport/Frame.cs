using Protean.Codec;
using Protean.Cryptography;

namespace Protean.Node.Transport;

/// <summary>What one node sends another: <c>u32 length || unitId[32] || epoch u64 || payload</c>, the length counting what follows it.
/// Length 0 says nothing but that the sender lives.</summary>
/// <param name="Peer">Who sent it or shall get it.</param>
public readonly record struct Frame(Digest Peer, Digest Unit, ulong Epoch, ReadOnlyMemory<byte> Payload)
{
    /// <summary>Bytes between length and payload.</summary>
    public const int HeaderSize = Digest.Size + sizeof(ulong);

    /// <param name="content">What followed the length.</param>
    /// <exception cref="MalformedException">Too short for a header.</exception>
    internal static Frame Parse(Digest peer, byte[] content)
    {
        var decoder = new Decoder(content);
        return new Frame(peer, decoder.Digest(), decoder.U64(), content.AsMemory(HeaderSize));
    }
}
