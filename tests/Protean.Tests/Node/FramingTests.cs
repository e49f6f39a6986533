using System.Buffers.Binary;
using CsCheck;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Node.Transport;
using Xunit;

namespace Protean.Tests.Node;

public sealed class FramingTests
{
    private const int Max = 64 << 10;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Frames_come_out_as_they_went_in_however_the_stream_is_cut() =>
        await Gen.Select(Gen.Byte.Array[0, 40_000].List[0, 6], Gen.Int[1, 20_000]).SampleAsync(async (contents, piece) =>
        {
            var stream = new MemoryStream();
            var writer = new FrameWriter(stream);
            foreach (var content in contents) await writer.WriteAsync(content, default);
            await writer.FlushAsync(default);

            await using var reader = new FrameReader(new PieceStream(stream.ToArray(), piece));
            foreach (var content in contents) Assert.Equal(content, await reader.ReadAsync(Max, Patience, default));
            Assert.Null(await reader.ReadAsync(Max, Patience, default));
        }, iter: 100);

    [Fact]
    public async Task A_message_keeps_its_unit_and_epoch()
    {
        var stream = new MemoryStream();
        var writer = new FrameWriter(stream);
        var sent = new Frame(default, Hash.Blake2b("unit"u8), 7, "payload"u8.ToArray());
        await writer.WriteAsync(sent, TestContext.Current.CancellationToken);
        await writer.FlushAsync(TestContext.Current.CancellationToken);
        var bytes = stream.ToArray();

        Assert.Equal((uint)(32 + 8 + 7), BinaryPrimitives.ReadUInt32LittleEndian(bytes));
        Assert.Equal(Hash.Blake2b("unit"u8).ToArray(), bytes[4..36]);
        Assert.Equal(7ul, BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(36)));
        Assert.Equal("payload"u8.ToArray(), bytes[44..]);
    }

    [Theory]
    [InlineData(Max + 1u)]
    [InlineData(0x8000_0000u)]
    [InlineData(uint.MaxValue)]
    public async Task A_length_beyond_the_bound_is_refused_before_memory_is_taken(uint length)
    {
        var prefix = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(prefix, length);
        await using var reader = new FrameReader(new MemoryStream(prefix));
        var before = GC.GetAllocatedBytesForCurrentThread();
        await Assert.ThrowsAsync<MalformedException>(
            async () => await reader.ReadAsync(Max, Patience, TestContext.Current.CancellationToken));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public async Task Random_bytes_give_frames_within_the_bound_or_are_refused() =>
        await Gen.Byte.Array[0, 5000].SampleAsync(async bytes =>
        {
            await using var reader = new FrameReader(new PieceStream(bytes, 777));
            try
            {
                while (await reader.ReadAsync(100, Patience, default) is { } content) Assert.InRange(content.Length, 0, 100);
            }
            catch (MalformedException)
            {
                // The other lawful end.
            }
        }, iter: 300);

    /// <summary>Gives a few bytes at a time, as a network may.</summary>
    private sealed class PieceStream(byte[] bytes, int piece) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, piece)], cancellationToken);
    }
}
