using System.Collections;
using System.Reflection;
using Protean.Codec;
using Protean.Cryptography;

namespace Protean.Tests.Client;

/// <summary>Every way to change exactly one field somewhere in a value that consists of records, lists and plain values: the records are
/// rebuilt by their constructors, so that nothing of a type can be left out by who lists its fields.</summary>
internal static class FieldChanges
{
    /// <returns>Where the change is, and the whole value with it.</returns>
    public static IEnumerable<(string Path, object Changed)> Of(object value, string path = "")
    {
        if (Leaf(value) is { } changed) return [(path, changed)];
        if (value is IList items) return OfList(items, path);
        var others = OtherChoices(value).Select(other => ($"{path} {other.GetType().Name}", other));
        if (ConstructorOf(value.GetType()) is { } constructor) return others.Concat(OfRecord(value, constructor, path));
        return value.GetType().GetConstructor([]) is null ? OfBytes(value, path) : others;
    }

    private static object? Leaf(object value) => value switch
    {
        bool flag => !flag,
        byte number => (byte)(number ^ 1),
        ushort number => (ushort)(number ^ 1),
        uint number => number ^ 1,
        int number => number ^ 1,
        ulong number => number ^ 1,
        Enum choice => Enum.ToObject(choice.GetType(), Convert.ToInt32(choice, null) ^ 1),
        string text => text + "x",
        Bytes bytes => Bytes.Wrap(Flipped(bytes.Span)),
        Digest digest => new Digest(Flipped(digest.Span)),
        PublicKey key => new PublicKey(Flipped(key.Span)),
        Signature signature => new Signature(Flipped(signature.Span)),
        _ => null,
    };

    // Of a choice, the cases beside this one that need no fields.
    private static IEnumerable<object> OtherChoices(object value) =>
        from choice in value.GetType().BaseType is { IsAbstract: true } choices ? choices.GetNestedTypes() : []
        where choice != value.GetType() && choice.IsSubclassOf(value.GetType().BaseType!) && choice.GetConstructor([]) is not null
        select Activator.CreateInstance(choice);

    private static byte[] Flipped(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length == 0) return [0];
        var changed = bytes.ToArray();
        changed[^1] ^= 1;
        return changed;
    }

    private static IEnumerable<(string, object)> OfList(IList items, string path)
    {
        var type = items.GetType().IsArray ? items.GetType().GetElementType()! : items.GetType().GetGenericArguments()[0];
        if (items.Count > 0) yield return ($"{path} without the last", Copy(items, items.Count - 1, type));
        // Items are alike: the first and the last stand for those between.
        foreach (var i in items.Count < 3 ? Enumerable.Range(0, items.Count) : [0, items.Count - 1])
            foreach (var (place, changed) in Of(items[i]!, $"{path}[{i}]"))
            {
                var copy = Copy(items, items.Count, type);
                copy.SetValue(changed, i);
                yield return (place, copy);
            }
    }

    private static Array Copy(IList items, int count, Type type)
    {
        var copy = Array.CreateInstance(type, count);
        for (var i = 0; i < count; i++) copy.SetValue(items[i], i);
        return copy;
    }

    private static IEnumerable<(string, object)> OfRecord(object value, ConstructorInfo constructor, string path)
    {
        var fields = constructor.GetParameters().Select(parameter => PropertyOf(value.GetType(), parameter)!.GetValue(value)).ToArray();
        for (var i = 0; i < fields.Length; i++)
        {
            if (fields[i] is not { } field) continue;
            foreach (var (place, changed) in Of(field, $"{path}.{constructor.GetParameters()[i].Name}"))
            {
                object?[] others = [.. fields];
                others[i] = changed;
                object rebuilt;
                try
                {
                    rebuilt = constructor.Invoke(others);
                }
                // No such value can be made, so none can be written into a file; its bytes are changed by another test.
                catch (TargetInvocationException)
                {
                    continue;
                }
                yield return (place, rebuilt);
            }
        }
    }

    // What keeps its parts to itself is changed in its bytes: those that still have the form.
    private static IEnumerable<(string, object)> OfBytes(object value, string path)
    {
        var bytes = (byte[])Method(nameof(Canonical.Encode), value.GetType()).Invoke(null, [value])!;
        var decode = typeof(FieldChanges).GetMethod(nameof(Decoded), BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(value.GetType());
        for (var at = 0; at < bytes.Length; at += 11)
        {
            var changed = bytes.ToArray();
            changed[at] ^= 1;
            if (decode.Invoke(null, [changed]) is { } other) yield return ($"{path} byte {at}", other);
        }
    }

    private static object? Decoded<T>(byte[] bytes) where T : ICanonical<T>
    {
        try
        {
            return Canonical.Decode<T>(bytes);
        }
        catch (MalformedException)
        {
            return null;
        }
    }

    private static MethodInfo Method(string name, Type type) =>
        typeof(Canonical).GetMethods().Single(method => method.Name == name && method.IsGenericMethod).MakeGenericMethod(type);

    private static ConstructorInfo? ConstructorOf(Type type) => type.GetConstructors()
        .Where(constructor => constructor.GetParameters().Length > 0
            && constructor.GetParameters().All(parameter => PropertyOf(type, parameter) is not null))
        .MaxBy(static constructor => constructor.GetParameters().Length);

    private static PropertyInfo? PropertyOf(Type type, ParameterInfo parameter) => type.GetProperties().FirstOrDefault(property =>
        property.GetIndexParameters().Length == 0 && property.Name.Equals(parameter.Name, StringComparison.OrdinalIgnoreCase)
        && parameter.ParameterType.IsAssignableFrom(property.PropertyType));
}
