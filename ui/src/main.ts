// Where the page begins: the shell is painted first, then the program of the page takes over.
import './theme.css';
import { mount } from 'svelte';
import { adoptToken } from './api/client';
import App from './App.svelte';
import { page } from './state/page.svelte';

adoptToken();
page.start();

requestAnimationFrame(() =>
  setTimeout(() => {
    const host = document.getElementById('app')!;
    host.replaceChildren();
    mount(App, { target: host });
  }),
);
