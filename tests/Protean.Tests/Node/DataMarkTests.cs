using Protean.Cryptography;
using Protean.Node.Keys;
using Protean.Node.Storage;
using Xunit;

namespace Protean.Tests.Node;

/// <summary>A data folder that is not the one that the keys were last used with has forgotten what was signed.</summary>
public sealed class DataMarkTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_folder_that_goes_on_has_forgotten_nothing()
    {
        for (var start = 0; start < 3; start++) Assert.Null(Start("data", epoch: 0));
    }

    [Fact]
    public void A_new_folder_is_silent_through_the_last_epoch_that_the_keys_were_used_in_and_stays_so()
    {
        Assert.Null(Start("data", epoch: 3));
        Assert.Equal(3ul, Start("new", epoch: 3));
        Assert.Equal(3ul, Start("new", epoch: 4));
    }

    [Fact]
    public void An_older_copy_of_the_folder_is_told_from_the_folder_itself()
    {
        Assert.Null(Start("data", epoch: 1));
        TemporaryFolder.Copy(_folder.At("data"), _folder.At("copy"));
        Assert.Null(Start("data", epoch: 2));
        Assert.Equal(2ul, Start("copy", epoch: 2));
    }

    [Fact]
    public void Keys_that_were_never_used_go_with_any_folder()
    {
        Assert.Null(Start("one", epoch: 0, keys: "first"));
        Assert.Null(Start("two", epoch: 0, keys: "second"));
    }

    [Fact]
    public void A_damaged_mark_is_refused()
    {
        Assert.Null(Start("data", epoch: 0));
        var path = _folder.At("keys/data.mark");
        var bytes = File.ReadAllBytes(path);
        bytes[5] ^= 1;
        File.WriteAllBytes(path, bytes);
        Assert.Equal("PRT-NOD-0012", Assert.Throws<Protean.Node.RefusedException>(() => Start("data", epoch: 0)).Refusal.Code);
    }

    private ulong? Start(string data, ulong epoch, string keys = "keys")
    {
        DurableFolder.Create(_folder.At(keys));
        var mark = DataMark.In(_folder.At(keys));
        using var database = RocksDatabase.Open(_folder.At(data), Digest.Zero, Digest.Zero, mark);
        mark.Used(epoch);
        return database.SilentThrough;
    }
}
