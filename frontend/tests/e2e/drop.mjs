// dropFile drops a file of this disk on the page. The browser gives a page files
// only through a field, so it is taken from one.
export async function dropFile(page, path) {
  await page.evaluate(() => {
    const input = document.createElement("input");
    input.type = "file";
    input.id = "from-disk";
    document.body.append(input);
  });
  await page.locator("#from-disk").setInputFiles(path);
  await page.evaluate(() => {
    const input = document.querySelector("#from-disk");
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(input.files[0]);
    const at = { bubbles: true, cancelable: true, dataTransfer };
    document.querySelector("main").dispatchEvent(new DragEvent("dragenter", at));
    document.querySelector("main").dispatchEvent(new DragEvent("drop", at));
    input.remove();
  });
}
